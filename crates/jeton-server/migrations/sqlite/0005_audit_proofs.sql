-- Each event carries a proof of who wrote it. Events without one were written before this step, or by a process that
-- had not heard of it.
ALTER TABLE audit ADD COLUMN writer INTEGER; -- one connection of one process
ALTER TABLE audit ADD COLUMN place INTEGER;  -- of the event among those of its writer, from 1
ALTER TABLE audit ADD COLUMN mac BLOB;       -- of both and of everything but the number, under the chain's key

-- What somebody did to others is erased with them.
CREATE INDEX audit_by_actor ON audit (actor, number) WHERE actor IS NOT NULL;

-- Places in the trail: `base` is the position of the seal it begins with, everything before being given up; `unproven`
-- is the last event that was there when this step was taken, until an event says so.
CREATE TABLE audit_marks (
    name   TEXT    NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    mac    BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO audit_marks (name, number) SELECT 'unproven', max(number) FROM audit HAVING count(*) > 0;
