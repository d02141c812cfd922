// it's
RETURN /* " ` ' */ 1; // "
RETURN 2