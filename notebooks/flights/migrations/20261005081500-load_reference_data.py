"""Load airports, airlines and planes: 4,796 nodes.

Small enough for one transaction, which the migration shares with its record: all of
it is there, or nothing. This is how a Python migration runs when it says nothing.
"""

from flights_data import rows


async def up(client):
    await client.cypher(
        "UNWIND $rows AS row CREATE (a:Airport) SET a = row",
        {"rows": rows("airports.csv")},
    )
    await client.cypher(
        "UNWIND $rows AS row CREATE (a:Airline) SET a = row",
        {"rows": rows("airlines.csv")},
    )
    await client.cypher(
        "UNWIND $rows AS row CREATE (p:Plane) SET p = row",
        {"rows": rows("planes.csv")},
    )


async def down(client):
    await client.cypher("MATCH (n:Airport|Airline|Plane) DELETE n")
