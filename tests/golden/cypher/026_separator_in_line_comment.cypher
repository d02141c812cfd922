RETURN 1 // not; yet
+ 2; // after; it
RETURN 3