-- What holds for the database as a whole, besides.
ALTER TABLE standing ADD COLUMN confirmed BIGINT;       -- a time that had certainly come: rows are deleted by it
ALTER TABLE standing ADD COLUMN begun BIGINT NOT NULL DEFAULT 0; -- 1 from just before a first master key is made
UPDATE standing SET begun = 1 WHERE EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM keys);
