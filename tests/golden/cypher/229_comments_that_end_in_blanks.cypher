// a 	
RETURN 1 // b 	
 ; RETURN 2 /* c */ // d  