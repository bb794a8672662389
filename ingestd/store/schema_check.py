"""`python -m ingestd.store.schema_check URL...`: do the revisions make exactly the tables of schema.py?"""

from __future__ import annotations

import sys

from alembic import command
from alembic.util import CommandError

from ingestd.store.upgrade import HEAD, alembic_config, current, upgrade


def main(urls: list[str]) -> int:
    """Upgrade each database and let Alembic compare it with schema.py; 1 where they differ."""
    for url in urls:
        upgrade(url)
        if current(url) != HEAD:
            sys.stderr.write(f"HEAD in upgrade.py is {HEAD}, the newest revision is {current(url)}\n")
            return 1
        try:
            command.check(alembic_config(url))
        except CommandError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    sys.stdout.write(f"{len(urls)} databases agree with schema.py at revision {HEAD}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
