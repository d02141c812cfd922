MATCH (n
:use) RETURN n; CREATE (
:param)