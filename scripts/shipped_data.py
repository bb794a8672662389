"""Fails unless the installed package carries its parsers, templates, configuration and units."""

from __future__ import annotations

import sys
from pathlib import Path

import ingestd

FOLDERS = ("parsers", "templates", "config", "systemd")


def absent(shipped: Path) -> list[str]:
    """Give the folders that the installation at `shipped` lacks or holds without a file."""
    return [name for name in FOLDERS if not any(path.is_file() for path in (shipped / name).rglob("*"))]


def main() -> int:
    """Name what is absent; the exit code is 1 if anything is."""
    shipped = Path(ingestd.__file__).parent / "_shipped"
    for name in absent(shipped):
        print(f"wheel: {name}/ is not shipped, or empty", file=sys.stderr)
    return 1 if absent(shipped) else 0


if __name__ == "__main__":
    sys.exit(main())
