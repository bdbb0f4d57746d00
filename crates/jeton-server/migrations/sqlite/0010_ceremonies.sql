-- Something begun and not finished yet: any node goes on with it, whoever presents its secret.
CREATE TABLE ceremonies (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind       TEXT    NOT NULL,
    user_id    BLOB    REFERENCES users (id) ON DELETE CASCADE,
    secret     BLOB    NOT NULL UNIQUE CHECK (length(secret) = 32), -- SHA-256 of the secret
    state      BLOB    NOT NULL,                                    -- sealed
    created_at INTEGER NOT NULL,
    expires_at INTEGER,                                             -- null for never
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX ceremonies_by_end ON ceremonies (expires_at);
CREATE INDEX ceremonies_by_user ON ceremonies (user_id) WHERE user_id IS NOT NULL;
