"""What provokes an error needs: the command line, a project, a server."""

from tests.cli.conftest import cli
from tests.e2e.conftest import each_site, site

__all__ = ["cli", "each_site", "site"]
