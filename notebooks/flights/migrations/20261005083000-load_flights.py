"""Load the 336,776 flights that left New York City in 2013.

Too many for one transaction, so each call is one of its own. After a kill the batches
so far are in the database; the next run writes them again, to the same end.
"""

from flights_data import flights

TRANSACTION = "per-call"
RERUNNABLE = True  # MERGE on the key, and SET of all the rest

LOAD = """
UNWIND range(0, size($id) - 1) AS i
MERGE (f:Flight {id: $id[i]})
SET f.date = $date[i],
    f.carrier = $carrier[i],
    f.flight = $flight[i],
    f.tailnum = $tailnum[i],
    f.origin = $origin[i],
    f.dest = $dest[i],
    f.distance = $distance[i],
    f.sched_dep_time = $sched_dep_time[i],
    f.sched_arr_time = $sched_arr_time[i],
    f.dep_time = $dep_time[i],
    f.arr_time = $arr_time[i],
    f.dep_delay = $dep_delay[i],
    f.arr_delay = $arr_delay[i],
    f.air_time = $air_time[i]
"""

DELETE = """
MATCH (f:Flight)
CALL (f) { DELETE f } IN TRANSACTIONS OF 10000 ROWS
"""


async def up(client):
    for columns in flights(size=10_000):
        await client.cypher(LOAD, columns)


async def down(client):
    await client.cypher(DELETE)
