// Manufacturers become nodes
//
// Constraint and data in one file: the tool runs the constraint first, in its own
// transaction, then both data statements in another.

// @up
CREATE CONSTRAINT manufacturer_name IF NOT EXISTS
FOR (m:Manufacturer) REQUIRE m.name IS UNIQUE;

MATCH (p:Plane) WHERE p.manufacturer IS NOT NULL
MERGE (m:Manufacturer {name: p.manufacturer})
CREATE (p)-[:MADE_BY]->(m);

MATCH (p:Plane) REMOVE p.manufacturer;

// @down
MATCH (p:Plane)-[made:MADE_BY]->(m:Manufacturer)
SET p.manufacturer = m.name
DELETE made;

MATCH (m:Manufacturer) DELETE m;

DROP CONSTRAINT manufacturer_name IF EXISTS;
