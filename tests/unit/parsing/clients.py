"""How mail programs write replies and forwards; the texts are in `clients.toml`."""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
MARKED: dict[str, str] = TEXTS["marked"]
HEADED: dict[str, str] = TEXTS["headed"]
FORWARDED: dict[str, str] = TEXTS["forwarded"]
HTML: dict[str, str] = TEXTS["html"]


def marked(text: str) -> str:
    """A text with a quote mark before each line."""
    return "".join(f"> {line}\n" for line in text.rstrip("\n").split("\n"))


def paragraphs(text: str) -> str:
    """A text as HTML, a block a line."""
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.rstrip("\n").split("\n"))


def html(name: str, new: str, old: str) -> str:
    """A reply as a program writes it in HTML."""
    body = HTML[name].replace("{new}", paragraphs(new)).replace("{old}", paragraphs(old))
    return f"<html><body>{body}</body></html>"
