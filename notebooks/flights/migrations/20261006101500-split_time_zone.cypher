// Split Airport.tzone into area and city
//
// America/New_York becomes America and New_York, at the first slash only: zones like
// America/Indiana/Knox have two. The three airports without a zone stay without.

// @up
MATCH (a:Airport) WHERE a.tzone CONTAINS '/'
WITH a, split(a.tzone, '/')[0] AS area
SET a.tz_area = area, a.tz_city = substring(a.tzone, size(area) + 1)
REMOVE a.tzone;

// @down
MATCH (a:Airport) WHERE a.tz_area IS NOT NULL
SET a.tzone = a.tz_area + '/' + a.tz_city
REMOVE a.tz_area, a.tz_city;
