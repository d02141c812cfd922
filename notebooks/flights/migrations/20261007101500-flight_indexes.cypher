// Indexes for the two questions asked most: which day, and how late

// @up
CREATE INDEX flight_date IF NOT EXISTS FOR (f:Flight) ON (f.date);
CREATE INDEX flight_dep_delay IF NOT EXISTS FOR (f:Flight) ON (f.dep_delay);

// @down
DROP INDEX flight_dep_delay IF EXISTS;
DROP INDEX flight_date IF EXISTS;
