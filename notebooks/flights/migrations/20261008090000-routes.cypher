// Routes: what a year of flights says about each pair of airports
//
// Derived, so `down` only has to delete it. Means leave out the flights without a
// value: avg() ignores null.

// @up
MATCH (origin:Airport)<-[:ORIGIN]-(f:Flight)-[:DESTINATION]->(destination:Airport)
WITH origin, destination,
     count(f) AS flights,
     count(f) - count(f.dep_time) AS cancelled,
     avg(f.dep_delay) AS mean_dep_delay,
     avg(f.arr_delay) AS mean_arr_delay,
     avg(f.distance) AS mean_distance
CREATE (origin)-[:ROUTE {
  flights: flights,
  cancelled: cancelled,
  mean_dep_delay: mean_dep_delay,
  mean_arr_delay: mean_arr_delay,
  mean_distance: mean_distance
}]->(destination);

// @down
MATCH (:Airport)-[route:ROUTE]->(:Airport) DELETE route;
