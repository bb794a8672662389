"""The demo's script: the messages that go in, in their order, and what must come of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

Encoding = Literal["base64", "quoted-printable", "8bit"]
FILE = Path(__file__).parent / "messages.toml"


@dataclass(frozen=True, slots=True)
class Answers:
    """The letter of ours that a mail answers: the scene that it went out for, and its purpose."""

    scene: str
    purpose: str


@dataclass(frozen=True, slots=True)
class MailScript:
    """A mail as its writer's program makes it."""

    from_: str
    text: str
    charset: str
    encoding: Encoding
    subject: str = ""  # empty: that of the letter it answers
    form: Literal["plain", "table", "alternative"] = "plain"
    rows: tuple[tuple[str, str], ...] = ()
    mailer: str = ""
    attachment: str = ""  # its name; the file is entry-note.pdf
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class TextScript:
    """A text message as a telephone sends it."""

    from_: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One message and what must come of it."""

    key: str
    title: Mapping[str, str]  # by language
    becomes: str  # the message's last state
    expects: tuple[tuple[str, str, str], ...]  # (purpose, channel, recipient), all that may leave
    order: str = ""  # the state of the order that it makes or moves
    again: str = ""  # the scene whose bytes come once more
    mail: MailScript | None = None
    sms: TextScript | None = None


def scenes(file: Path = FILE) -> tuple[Scene, ...]:
    """All scenes in their order."""
    rows = tomllib.loads(file.read_text("utf-8"))["scene"]
    for row in rows:
        for way in ("mail", "sms"):
            if way in row:
                row[way]["from_"] = row[way].pop("from")
    return TypeAdapter(tuple[Scene, ...]).validate_python(rows)
