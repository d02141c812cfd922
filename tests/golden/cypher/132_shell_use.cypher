RETURN 1;
:use neo4j;
RETURN 2