// One node per airport, airline, plane and flight
//
// Keys come first: they keep the loads rerunnable, and MERGE fast.

// @up
CREATE CONSTRAINT airport_faa IF NOT EXISTS
FOR (a:Airport) REQUIRE a.faa IS UNIQUE;

CREATE CONSTRAINT airline_carrier IF NOT EXISTS
FOR (a:Airline) REQUIRE a.carrier IS UNIQUE;

CREATE CONSTRAINT plane_tailnum IF NOT EXISTS
FOR (p:Plane) REQUIRE p.tailnum IS UNIQUE;

CREATE CONSTRAINT flight_id IF NOT EXISTS
FOR (f:Flight) REQUIRE f.id IS UNIQUE;

// @down
DROP CONSTRAINT flight_id IF EXISTS;
DROP CONSTRAINT plane_tailnum IF EXISTS;
DROP CONSTRAINT airline_carrier IF EXISTS;
DROP CONSTRAINT airport_faa IF EXISTS;
