"""`python -m neo4j_migrate_magic` is the command `neo4j-migrate`."""

import sys

from neo4j_migrate_magic.cli import main

if __name__ == "__main__":
    sys.exit(main())
