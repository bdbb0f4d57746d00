-- What holds for the database as a whole: one row.
CREATE TABLE standing (
    id            BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    accepted_from BIGINT, -- of a restored back-up: no token that was issued before is accepted
    move          TEXT CHECK (move IN ('arriving', 'leaving', 'moved')), -- null in a database that is in use
    other         TEXT CHECK ((move IS NULL) = (other IS NULL))          -- where it comes from or goes to
);
INSERT INTO standing (id) VALUES (1);
