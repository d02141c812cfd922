// Rename Flight.flight to Flight.number
//
// Cypher has no rename: copy and remove, in batches. A flight that still has the old
// name is one left to do.

// @up
// @rerunnable
MATCH (f:Flight) WHERE f.flight IS NOT NULL
CALL (f) {
  SET f.number = f.flight
  REMOVE f.flight
} IN TRANSACTIONS OF 5000 ROWS;

// @down
// @rerunnable
MATCH (f:Flight) WHERE f.number IS NOT NULL
CALL (f) {
  SET f.flight = f.number
  REMOVE f.number
} IN TRANSACTIONS OF 5000 ROWS;
