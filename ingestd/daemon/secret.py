"""The site's secret, which makes our ids unguessable: made once, kept beside the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Site

BYTES = 32
FEWEST = 16


def site_secret(site: Site) -> bytes:
    """The secret of `site.secret_file`, or the one in the data folder, made at first start.

    Raises ConfigurationError where a named file is missing or too short.
    """
    if site.secret_file is None:
        return made_once(site.data_folder / "secret")
    try:
        secret = site.secret_file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"site.secret_file {site.secret_file}: can't be read: {error.strerror}") from error
    if len(secret) < FEWEST:
        raise ConfigurationError(
            f"site.secret_file {site.secret_file}: holds {len(secret)} bytes; at least {FEWEST} are right"
        )
    return secret


def made_once(path: Path) -> bytes:
    """The secret in this file; where there is none yet, a new one for our eyes only, on disk before it is used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_hex(BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        return path.read_bytes().strip()
