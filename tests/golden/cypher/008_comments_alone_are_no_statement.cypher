// nothing
/* here; */ ; // at all;
