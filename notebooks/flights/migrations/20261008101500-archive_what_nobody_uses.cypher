// Clean up: airports that no flight touches, and the speed of planes
//
// Nothing is thrown away. Airports change their label; of Plane.speed, known for 23
// planes in 3,322, each value moves to a node of its own. `down` needs both.

// @up
MATCH (a:Airport)
WHERE NOT EXISTS { (:Flight)-[:ORIGIN|DESTINATION]->(a) }
SET a:ArchivedAirport
REMOVE a:Airport;

MATCH (p:Plane) WHERE p.speed IS NOT NULL
CREATE (:ArchivedValue {
  label: 'Plane', key: p.tailnum, property: 'speed', value: p.speed
})
REMOVE p.speed;

// @down
MATCH (old:ArchivedValue {label: 'Plane', property: 'speed'})
MATCH (p:Plane {tailnum: old.key})
SET p.speed = old.value
DELETE old;

MATCH (a:ArchivedAirport)
SET a:Airport
REMOVE a:ArchivedAirport;
