:begin
CREATE (n);
:commit