-- How often a session is refreshed, in columns no index knows: a refresh writes them.
ALTER TABLE sessions ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;   -- of the exchange that began this generation
ALTER TABLE sessions ADD COLUMN rested_at INTEGER NOT NULL DEFAULT 0; -- when it may be refreshed as often again
-- From here on no access token of the account is accepted any more, as a session has it.
ALTER TABLE service_accounts ADD COLUMN accepted_until INTEGER NOT NULL DEFAULT 0;
