

  MATCH (n)
  WHERE n.a = 1
  SET n.b = 2  
;
    RETURN
1