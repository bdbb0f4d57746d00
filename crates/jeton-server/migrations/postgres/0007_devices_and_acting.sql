-- What a device that signed in before shows is good for one epoch of its user. Until now it was their version.
ALTER TABLE users ADD COLUMN device_epoch BIGINT NOT NULL DEFAULT 0;
UPDATE users SET device_epoch = version;
-- Who opened a session in its owner's place: it ends when they may no longer.
CREATE INDEX sessions_by_actor ON sessions (actor_id) WHERE actor_id IS NOT NULL;
