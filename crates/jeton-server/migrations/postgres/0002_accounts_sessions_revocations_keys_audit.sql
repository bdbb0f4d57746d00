-- The schema of step 2, as for every engine; PostgreSQL came with it. Ids are UUIDv7; times are whole seconds since the
-- epoch. Texts that are compared or ordered have the collation "C": it is the same everywhere and for ever.

-- Numbers in commit order: whoever draws one holds the row to the end of the transaction.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('revocations', 0), ('audit', 0);

CREATE TABLE users (
    id                UUID   NOT NULL PRIMARY KEY,
    username          TEXT   NOT NULL,                    -- as typed
    username_key      TEXT   COLLATE "C" NOT NULL UNIQUE, -- RFC 8265 UsernameCaseMapped
    username_skeleton TEXT   COLLATE "C" NOT NULL UNIQUE, -- UTS 39 skeleton of the key
    email             TEXT,
    password_hash     TEXT   NOT NULL,
    scheme            TEXT   COLLATE "C" NOT NULL,        -- the password hash's scheme and cost, without salt and digest
    roles             TEXT   NOT NULL,                    -- names joined by spaces
    claims            TEXT   NOT NULL,                    -- custom claims, one JSON object
    version           BIGINT NOT NULL,
    disabled_at       BIGINT,
    reset_code        BYTEA,                              -- SHA-256 of the code that may set a new password
    reset_until       BIGINT,
    created_at        BIGINT NOT NULL
);
CREATE INDEX users_by_scheme ON users (scheme);
CREATE INDEX users_administrators ON users (id) WHERE strpos(' ' || roles || ' ', ' admin ') > 0;

-- A refresh changes no indexed column, and finds room in its page: then no index is written.
CREATE TABLE sessions (
    id             UUID   NOT NULL PRIMARY KEY,
    user_id        UUID   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation     BIGINT NOT NULL,
    secret         BYTEA  NOT NULL CHECK (length(secret) = 32),
    refresh_key    TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    rotated_at     BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    ends_at        BIGINT NOT NULL,
    accepted_until BIGINT NOT NULL, -- from here on no access token of the session is accepted any more
    device         TEXT   NOT NULL,
    actor_id       UUID,
    ended_at       BIGINT,
    end_reason     TEXT
) WITH (fillfactor = 70);
CREATE INDEX sessions_live_by_user ON sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE TABLE revocations (
    number  BIGINT NOT NULL PRIMARY KEY,
    kind    TEXT   NOT NULL CHECK (kind IN ('token', 'session', 'user')),
    target  UUID   NOT NULL,
    version BIGINT CHECK ((kind = 'user') = (version IS NOT NULL)),
    until   BIGINT NOT NULL
);
CREATE INDEX revocations_by_until ON revocations (until);

CREATE TABLE keys (
    kid        TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    algorithm  TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

-- Failed attempts to sign in, under a keyed hash of the name: whether anybody has that name, the row does not say.
CREATE TABLE throttle (
    account        BYTEA  NOT NULL CHECK (length(account) = 32),
    device         BYTEA  NOT NULL,           -- of a device that has signed in before; empty for all others together
    failures       BIGINT NOT NULL,           -- in a row
    last_failed_at BIGINT NOT NULL,
    refused        BIGINT NOT NULL,           -- attempts turned away since the last that was let through
    forget_at      BIGINT,                    -- from when on the row no longer matters; null for never
    PRIMARY KEY (account, device)
) WITH (fillfactor = 70);
CREATE INDEX throttle_by_end ON throttle (forget_at) WHERE forget_at IS NOT NULL;

-- Programs that call on their own behalf.
CREATE TABLE service_accounts (
    id          UUID   NOT NULL PRIMARY KEY,
    name        TEXT   COLLATE "C" NOT NULL UNIQUE,
    secret      BYTEA  NOT NULL CHECK (length(secret) = 32), -- SHA-256 of the client secret
    scopes      TEXT   NOT NULL DEFAULT '',                  -- names joined by spaces
    version     BIGINT NOT NULL DEFAULT 0,
    disabled_at BIGINT,
    created_at  BIGINT NOT NULL
);

-- What happened, written with its cause. Nothing here names a person: that is in audit_personal, which can be
-- erased, and of which the event holds a salted hash.
CREATE TABLE audit (
    number     BIGINT NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    user_id    UUID,
    session_id UUID,
    actor      TEXT,                         -- who did it, when not the user
    detail     TEXT   NOT NULL DEFAULT '{}', -- one JSON object
    commitment BYTEA                         -- SHA-256 of the salt and the fields in audit_personal
);
CREATE INDEX audit_by_user ON audit (user_id, number) WHERE user_id IS NOT NULL;
CREATE INDEX audit_by_session ON audit (session_id, number) WHERE session_id IS NOT NULL;

CREATE TABLE audit_personal (
    number  BIGINT NOT NULL PRIMARY KEY REFERENCES audit (number) ON DELETE CASCADE,
    user_id UUID,
    salt    BYTEA  NOT NULL CHECK (length(salt) = 16),
    fields  TEXT   NOT NULL -- one JSON object
);
CREATE INDEX audit_personal_by_user ON audit_personal (user_id);

-- The chain: each seal covers the events after the last one's, up to and with `through`.
CREATE TABLE audit_seals (
    position  BIGINT NOT NULL PRIMARY KEY,
    through   BIGINT NOT NULL,
    events    BIGINT NOT NULL,
    digest    BYTEA  NOT NULL CHECK (length(digest) = 32), -- of the events
    mac       BYTEA  NOT NULL CHECK (length(mac) = 32),    -- of all the above and the mac before, under a key kept elsewhere
    sealed_at BIGINT NOT NULL,
    forgotten BYTEA  CHECK (length(forgotten) = 32)        -- under the same key: that its events' time was over
);
CREATE INDEX audit_seals_kept ON audit_seals (position) WHERE forgotten IS NULL;
