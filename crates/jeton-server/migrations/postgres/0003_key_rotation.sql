-- Keys follow each other: each has its times, in seconds since the epoch.
ALTER TABLE keys ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0; -- zero is at once
ALTER TABLE keys ADD COLUMN accepted_until BIGINT;                -- from here on nothing it signed is accepted
ALTER TABLE keys ADD COLUMN lifetime BIGINT NOT NULL DEFAULT 0;   -- seconds the longest of its tokens lives
-- What was signed until now: nothing lives longer than a day but refresh tokens.
UPDATE keys SET lifetime = greatest(86400, (SELECT coalesce(max(expires_at - rotated_at), 0) FROM sessions WHERE refresh_key = kid));
