"""From the answers of `ingestd init` to the files of a site: rendered, tried, then all put in place at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ingestd.cli.questions import PROVIDERS, Answers, server_of

SETTINGS = "ingestd.toml"
SECRET = "mailbox"  # noqa: S105  the name of a file, as password_file has it
FILES = (SETTINGS, "customers.toml", "staff.toml", "areas.toml")
BEFORE = ".old"  # what --force replaces is kept under this ending


def rendered(answers: Answers, language: str, data_folder: Path | None) -> Mapping[str, str]:
    """The text of each file, with its remarks in the language."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from ingestd.config.shipped import shipped

    loader = FileSystemLoader(shipped("config") / "start" / language)
    forms = Environment(loader=loader, undefined=StrictUndefined)  # noqa: S701  TOML, not HTML
    forms.filters["toml"] = as_toml
    facts = facts_of(answers, data_folder)
    return {file: forms.get_template(f"{file}.j2").render(facts).rstrip() + "\n" for file in FILES}


def as_toml(value: object) -> str:
    """A text or list as TOML writes it; JSON writes both alike, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def facts_of(answers: Answers, data_folder: Path | None) -> dict[str, object]:
    """What the forms are filled with."""
    from ingestd.cli.questions import QUESTIONS

    keys = listed(answers.get("customer", ""))
    relay = server_of(answers["relay"])
    at_providers = {server_of(known.relay).host for name, known in PROVIDERS.items() if name != "other"}
    by_sms = answers["sms"] == "true" and answers.get("dispatcher_phone") and not answers.get("dispatcher_email")
    return {
        **{question.key: answers.get(question.key, "") for question in QUESTIONS},
        "data_folder": str(data_folder) if data_folder else "",
        "imap": server_of(answers["imap"]),
        "relay": {
            "host": relay.host,
            "port": relay.port,
            "security": relay.security,
            "login": not relay.loopback,
            "public": relay.host in at_providers,
        },
        "districts": listed(answers.get("districts", "")),
        "main_channel": "sms" if by_sms else "email",
        "customer": {
            "addresses": [key for key in keys if "@" in key],
            "phones": [key for key in keys if key.startswith("+")],
            "domains": [key for key in keys if "@" not in key and not key.startswith("+")],
        },
    }


def listed(text: str) -> list[str]:
    """The items of an answer that is a list."""
    return [item for item in text.split(", ") if item]


def in_the_way(folder: Path) -> list[Path]:
    """Files that are there already."""
    return [folder / name for name in (*FILES, SECRET) if (folder / name).exists()]


def write(folder: Path, texts: Mapping[str, str], secret: str) -> list[Path]:
    """Write all files, the secret for our own eyes only; an end halfway leaves what was there before.

    The files come to be beside their places, are read as the daemon would read them, and are then moved in at once.
    Raises ConfigurationError where they could not be used, OSError where they can't be written.
    """
    from ingestd.config.load import load

    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".ingestd-init-", dir=folder))
    try:
        for name, text in texts.items():
            put(staging / name, text, 0o644)
        if secret:
            put(staging / SECRET, secret + "\n", 0o600)
        load(staging / SETTINGS, {})
        with undisturbed():
            return [moved(staging / name, folder / name) for name in (*texts, *([SECRET] if secret else []))]
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()


def put(file: Path, text: str, mode: int) -> None:
    """A new file with these rights whatever the umask, never more from its first byte, on disk."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), mode)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def moved(file: Path, place: Path) -> Path:
    """The file in its place; what stood there is kept beside it."""
    if place.exists():
        place.replace(place.with_name(place.name + BEFORE))
    file.replace(place)
    return place


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and a hang-up wait for the few moments that the files are moved in."""
    wait = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, wait)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
