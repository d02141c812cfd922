RETURN 1; // /* not open
RETURN 2; // */ RETURN 3;