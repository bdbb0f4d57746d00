-- The language its owner chose, for pages and mail; null for none.
ALTER TABLE users ADD COLUMN locale TEXT;
-- Users are found by the beginning of their name, which is unique, or of their address.
CREATE INDEX users_by_email ON users (lower(email), id) WHERE email IS NOT NULL;
-- Sessions that ended lately, the last first.
CREATE INDEX sessions_ended_by_user ON sessions (user_id, ended_at) WHERE ended_at IS NOT NULL;
