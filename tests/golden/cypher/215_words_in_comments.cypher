// CREATE (n)
MATCH (n) // SET n.a = 1
RETURN /* DELETE n */ n