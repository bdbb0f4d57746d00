-- Ids are the 16 bytes of a UUIDv7; times are whole seconds since the epoch.

CREATE TABLE users (
    id                BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username          TEXT    NOT NULL,          -- as typed
    username_key      TEXT    NOT NULL UNIQUE,   -- RFC 8265 UsernameCaseMapped
    username_skeleton TEXT    NOT NULL UNIQUE,   -- UTS 39 skeleton of the key
    email             TEXT,
    password_hash     TEXT    NOT NULL,
    roles             TEXT    NOT NULL DEFAULT '', -- names joined by spaces
    version           INTEGER NOT NULL DEFAULT 0,
    disabled_at       INTEGER,
    created_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id        BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation     INTEGER NOT NULL,
    secret         BLOB    NOT NULL CHECK (length(secret) = 32),
    refresh_key    TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    rotated_at     INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL,
    accepted_until INTEGER NOT NULL, -- from here on no access token of the session is accepted any more
    device         TEXT    NOT NULL,
    actor_id       BLOB,
    ended_at       INTEGER,
    end_reason     TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_live_by_user ON sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_accepted_by_user ON sessions (user_id, accepted_until);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- AUTOINCREMENT never draws a number twice, and SQLite has one writer: numbers are in commit order.
CREATE TABLE revocations (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL CHECK (kind IN ('token', 'session', 'user')),
    target  BLOB    NOT NULL CHECK (length(target) = 16),
    version INTEGER CHECK ((kind = 'user') = (version IS NOT NULL)),
    until   INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_by_until ON revocations (until);

CREATE TABLE keys (
    kid        TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    algorithm  TEXT    NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
