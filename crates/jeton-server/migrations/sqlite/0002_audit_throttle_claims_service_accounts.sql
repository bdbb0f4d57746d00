-- Times are whole seconds since the epoch, as before.

ALTER TABLE users ADD COLUMN claims TEXT NOT NULL DEFAULT '{}';  -- custom claims, one JSON object
ALTER TABLE users ADD COLUMN scheme TEXT NOT NULL DEFAULT '';    -- the password hash's scheme and cost, without salt and digest
ALTER TABLE users ADD COLUMN reset_code BLOB;                    -- SHA-256 of the code that may set a new password
ALTER TABLE users ADD COLUMN reset_until INTEGER;
CREATE INDEX users_by_scheme ON users (scheme);
CREATE INDEX users_administrators ON users (id) WHERE instr(' ' || roles || ' ', ' admin ') > 0;
-- Until now all were made here: what stands before the salt of 22 letters and the digest of 43.
UPDATE users SET scheme = substr(password_hash, 1, length(password_hash) - 67);

-- Failed attempts to sign in, under a keyed hash of the name: whether anybody has that name, the row does not say.
CREATE TABLE throttle (
    account        BLOB    NOT NULL CHECK (length(account) = 32),
    device         BLOB    NOT NULL,           -- of a device that has signed in before; empty for all others together
    failures       INTEGER NOT NULL,           -- in a row
    last_failed_at INTEGER NOT NULL,
    refused        INTEGER NOT NULL,           -- attempts turned away since the last that was let through
    forget_at      INTEGER,                    -- from when on the row no longer matters; null for never
    PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_by_end ON throttle (forget_at) WHERE forget_at IS NOT NULL;

-- Programs that call on their own behalf.
CREATE TABLE service_accounts (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name        TEXT    NOT NULL UNIQUE,
    secret      BLOB    NOT NULL CHECK (length(secret) = 32), -- SHA-256 of the client secret
    scopes      TEXT    NOT NULL DEFAULT '',                  -- names joined by spaces
    version     INTEGER NOT NULL DEFAULT 0,
    disabled_at INTEGER,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened, written with its cause. Nothing here names a person: that is in audit_personal, which can be
-- erased, and of which the event holds a salted hash.
CREATE TABLE audit (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    action     TEXT    NOT NULL,
    user_id    BLOB,
    session_id BLOB,
    actor      TEXT,                          -- who did it, when not the user
    detail     TEXT    NOT NULL DEFAULT '{}', -- one JSON object
    commitment BLOB                           -- SHA-256 of the salt and the fields in audit_personal
) STRICT;
CREATE INDEX audit_by_user ON audit (user_id, number) WHERE user_id IS NOT NULL;
CREATE INDEX audit_by_session ON audit (session_id, number) WHERE session_id IS NOT NULL;

CREATE TABLE audit_personal (
    number  INTEGER NOT NULL PRIMARY KEY REFERENCES audit (number) ON DELETE CASCADE,
    user_id BLOB,
    salt    BLOB    NOT NULL CHECK (length(salt) = 16),
    fields  TEXT    NOT NULL -- one JSON object
) STRICT;
CREATE INDEX audit_personal_by_user ON audit_personal (user_id);

-- The chain: each seal covers the events after the last one's, up to and with `through`.
CREATE TABLE audit_seals (
    position  INTEGER NOT NULL PRIMARY KEY,
    through   INTEGER NOT NULL,
    events    INTEGER NOT NULL,
    digest    BLOB    NOT NULL CHECK (length(digest) = 32), -- of the events
    mac       BLOB    NOT NULL CHECK (length(mac) = 32),    -- of all the above and the mac before, under a key kept elsewhere
    sealed_at INTEGER NOT NULL,
    forgotten BLOB    CHECK (length(forgotten) = 32)        -- under the same key: that its events' time was over
) STRICT;
CREATE INDEX audit_seals_kept ON audit_seals (position) WHERE forgotten IS NULL;
