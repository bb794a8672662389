"""`python -m ingestd.store.schema_check URL...`: do the revisions make exactly the tables of schema.py?"""

from __future__ import annotations

import sys

from ingestd.store.upgrade import HEAD, alembic_config, current, upgrade


def main(urls: list[str]) -> int:
    """Upgrade each database and let Alembic compare it with schema.py; 1 where they differ."""
    from alembic import command
    from alembic.util import CommandError

    for url in urls:
        upgrade(url)
        if current(url) != HEAD:
            print(f"HEAD in upgrade.py is {HEAD}, the newest revision is {current(url)}")
            return 1
        try:
            command.check(alembic_config(url))
        except CommandError as error:
            print(error)
            return 1
    print(f"{len(urls)} databases agree with schema.py at revision {HEAD}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
