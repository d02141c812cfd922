"""Start an ephemeral server, fork a child that outlives us, and wait to be killed.

Prints ``{"pid", "home", "guard", "fork", "uri"}``. The child holds every pipe of this
process open, as the workers of a pool do.
"""

from __future__ import annotations

import json
import os
import time

from neo4j_migrate_magic.sandbox import Sandbox


def main() -> None:
    sandbox = Sandbox()
    state = sandbox.start()
    guard = sandbox._running.guard.pid
    fork = os.fork()
    if fork == 0:
        time.sleep(120)
        os._exit(0)
    told = {"pid": state.pid, "home": state.home, "uri": state.uri}
    print(json.dumps({**told, "guard": guard, "fork": fork}), flush=True)  # noqa: T201
    time.sleep(120)


if __name__ == "__main__":
    main()
