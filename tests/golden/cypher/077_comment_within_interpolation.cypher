CYPHER 25 RETURN s'{ 1 /* } ' ; */ }' + s'{ 2 // } ; '
}'; RETURN 2