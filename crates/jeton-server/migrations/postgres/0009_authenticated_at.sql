-- When the session's user last proved who they are; null where that was the sign-in itself, and in what a node of the
-- version before has written.
ALTER TABLE sessions ADD COLUMN authenticated_at BIGINT;
