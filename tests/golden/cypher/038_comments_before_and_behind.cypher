// a
/* b */ // c
  RETURN 1 /* d */ // e
 /* f */;
// g