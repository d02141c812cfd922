// Full-text search over the names of airports, airlines and manufacturers
//
// Try: CALL db.index.fulltext.queryNodes('names', 'kennedy') YIELD node, score

// @up
CREATE FULLTEXT INDEX names IF NOT EXISTS
FOR (n:Airport|Airline|Manufacturer) ON EACH [n.name]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};

// @down
DROP INDEX names IF EXISTS;
