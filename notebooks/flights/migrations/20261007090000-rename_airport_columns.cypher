// Give two terse columns of Airport names with a unit
//
// Cypher has no rename: copy, then remove. Setting a property to null (an airport that
// is not in the tables has neither) is the same as not setting it.

// @up
MATCH (a:Airport)
SET a.altitude_ft = a.alt, a.utc_offset_h = a.tz
REMOVE a.alt, a.tz;

// @down
MATCH (a:Airport)
SET a.alt = a.altitude_ft, a.tz = a.utc_offset_h
REMOVE a.altitude_ft, a.utc_offset_h;
