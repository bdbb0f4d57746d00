-- Something begun and not finished yet: any node goes on with it, whoever presents its secret.
CREATE TABLE ceremonies (
    id         UUID   NOT NULL PRIMARY KEY,
    kind       TEXT   COLLATE "C" NOT NULL,
    user_id    UUID   REFERENCES users (id) ON DELETE CASCADE,
    secret     BYTEA  NOT NULL UNIQUE CHECK (length(secret) = 32), -- SHA-256 of the secret
    state      BYTEA  NOT NULL,                                    -- sealed
    created_at BIGINT NOT NULL,
    expires_at BIGINT,                                             -- null for never
    used_at    BIGINT
);
CREATE INDEX ceremonies_by_end ON ceremonies (expires_at);
CREATE INDEX ceremonies_by_user ON ceremonies (user_id) WHERE user_id IS NOT NULL;
