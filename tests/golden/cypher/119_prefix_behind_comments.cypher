/* a */ // b
CYPHER /* c; */ 5 // d;
CREATE INDEX a FOR (n:A) ON (n.b)