// a
// b// c
RETURN 1;
RETURN 2