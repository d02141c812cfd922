RETURN 4 / 2; RETURN 4/2/1; RETURN 4 / // three
 2; RETURN 4 /// three
 2