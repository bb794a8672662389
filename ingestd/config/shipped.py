"""Where parsers, templates, config and units lie: the site's own folder first, then what ingestd came with."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
SITE_FOLDER = Path("/etc/ingestd")


def shipped(kind: str) -> Path:
    """The folder `parsers`, `templates`, `config` or `systemd` that came with ingestd, in a wheel or a checkout."""
    in_wheel = PACKAGE / "_shipped" / kind
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent / kind


def search_path(kind: str, site_folder: Path) -> tuple[Path, ...]:
    """Folders to search in turn, so that a site overrides file by file."""
    own = site_folder / kind
    return (own, shipped(kind)) if own.is_dir() else (shipped(kind),)
