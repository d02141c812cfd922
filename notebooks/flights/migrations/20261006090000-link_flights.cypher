// Flights point at airports, airlines and planes instead of naming them
//
// Flight.origin, .dest, .carrier and .tailnum become relationships. A flight loses the
// property in the transaction that draws the relationship: after a kill, the flights
// that still have it are the ones left to do.

// @up
// Flights name four airports and 721 planes that are in no table. These get a node with
// their key and the label Unlisted, so that no flight is lost.
MATCH (f:Flight)
WITH DISTINCT f.dest AS faa
WHERE NOT EXISTS { (:Airport {faa: faa}) }
CREATE (:Airport:Unlisted {faa: faa});

MATCH (f:Flight) WHERE f.tailnum IS NOT NULL
WITH DISTINCT f.tailnum AS tailnum
WHERE NOT EXISTS { (:Plane {tailnum: tailnum}) }
CREATE (:Plane:Unlisted {tailnum: tailnum});

// @rerunnable
MATCH (f:Flight) WHERE f.origin IS NOT NULL
CALL (f) {
  MATCH (origin:Airport {faa: f.origin})
  MATCH (destination:Airport {faa: f.dest})
  MATCH (airline:Airline {carrier: f.carrier})
  CREATE (f)-[:ORIGIN]->(origin)
  CREATE (f)-[:DESTINATION]->(destination)
  CREATE (f)-[:OPERATED_BY]->(airline)
  REMOVE f.origin, f.dest, f.carrier
} IN TRANSACTIONS OF 5000 ROWS;

// 2,512 flights, all cancelled, never got a plane.
// @rerunnable
MATCH (f:Flight) WHERE f.tailnum IS NOT NULL
CALL (f) {
  MATCH (plane:Plane {tailnum: f.tailnum})
  CREATE (f)-[:FLOWN_WITH]->(plane)
  REMOVE f.tailnum
} IN TRANSACTIONS OF 5000 ROWS;

// @down
// @rerunnable
MATCH (f:Flight) WHERE f.tailnum IS NULL
CALL (f) {
  MATCH (f)-[with:FLOWN_WITH]->(plane:Plane)
  SET f.tailnum = plane.tailnum
  DELETE with
} IN TRANSACTIONS OF 5000 ROWS;

// @rerunnable
MATCH (f:Flight) WHERE f.origin IS NULL
CALL (f) {
  MATCH (f)-[from:ORIGIN]->(origin:Airport)
  MATCH (f)-[to:DESTINATION]->(destination:Airport)
  MATCH (f)-[by:OPERATED_BY]->(airline:Airline)
  SET f.origin = origin.faa, f.dest = destination.faa, f.carrier = airline.carrier
  DELETE from, to, by
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (n:Unlisted) DELETE n;
