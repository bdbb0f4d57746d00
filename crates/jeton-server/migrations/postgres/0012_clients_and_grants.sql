-- What a client registered beside its name and scopes, one JSON object; null for a program that signs nobody in.
ALTER TABLE service_accounts ADD COLUMN registration TEXT;

-- Grants: what users let clients do. They stand among the sessions, whose code rotates them; these columns are null in a
-- sign-in's row.
ALTER TABLE sessions ADD COLUMN client_id UUID;
ALTER TABLE sessions ADD COLUMN parent_id UUID; -- the session it was given in
ALTER TABLE sessions ADD COLUMN offline BIGINT;                          -- 1 where it outlives that session
ALTER TABLE sessions ADD COLUMN terms TEXT;                                    -- one JSON object
CREATE INDEX sessions_by_client ON sessions (client_id, id) WHERE client_id IS NOT NULL;
CREATE INDEX sessions_by_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;

-- What users allowed clients, so that they are not asked again.
CREATE TABLE consents (
    user_id   UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id UUID    NOT NULL REFERENCES service_accounts (id) ON DELETE CASCADE,
    scopes    TEXT    NOT NULL, -- names joined by spaces
    given_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX consents_by_client ON consents (client_id);

-- Proofs of clients that are good once, until when they are remembered.
CREATE TABLE used_assertions (
    digest BYTEA    NOT NULL PRIMARY KEY CHECK (length(digest) = 32), -- SHA-256 of the client and the proof's name
    until  BIGINT NOT NULL
);
CREATE INDEX used_assertions_by_end ON used_assertions (until);

-- What waits to be sent to the outside, written in the transaction of its cause.
CREATE TABLE outbox (
    id         UUID    NOT NULL PRIMARY KEY,
    kind       TEXT COLLATE "C"    NOT NULL,
    recipient  TEXT    NOT NULL,           -- an address or a URL
    content   BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    due_at     BIGINT,                    -- when it is tried next; null once it is over
    attempts   BIGINT NOT NULL DEFAULT 0,
    sent_at    BIGINT,
    problem    TEXT                        -- of the last attempt
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;

-- Users who have a role or are disabled, who are few among many.
CREATE INDEX users_with_roles ON users (username_key) WHERE roles <> '';
CREATE INDEX users_with_roles_by_email ON users (lower(email COLLATE "C"), id) WHERE email IS NOT NULL AND roles <> '';
CREATE INDEX users_disabled ON users (username_key) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_disabled_by_email ON users (lower(email COLLATE "C"), id) WHERE email IS NOT NULL AND disabled_at IS NOT NULL;
