RETURN 'it's 1;
RETURN 'b;