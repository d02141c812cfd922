"""The program of `tests.e2e.killed_run`, as a tool whose history has format 3."""

from __future__ import annotations

from tests.e2e.killed_run import main
from tests.history.formats import install

if __name__ == "__main__":
    install(setattr)
    main()
