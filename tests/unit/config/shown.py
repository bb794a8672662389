"""`config/ingestd.toml` as a program reads it: what stands commented out, and what is said of each option."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHOWN = Path(__file__).parents[3] / "config" / "ingestd.toml"
HEADER = re.compile(r"#?\[+(?P<name>[a-z_.]+)\]+$")
OPTION = re.compile(r"#?(?P<key>[a-z_]+) = (?P<value>.+)$")


def uncommented() -> dict[str, Any]:
    """The file with every option taken in: a line that begins with `#` and no blank is one."""
    lines = [line[1:] if line[:1] == "#" and line[1:2].strip() else line for line in text().splitlines()]
    return tomllib.loads("\n".join(lines))


def text() -> str:
    """The file."""
    return SHOWN.read_text("utf-8")


def meanings() -> Iterator[tuple[str, str]]:
    """Each option once, as `section.key`, with the text directly above it."""
    section, above, seen = "", list[str](), set[str]()
    for line in text().splitlines():
        if found := HEADER.match(line):
            section, above = found["name"], []
        elif found := OPTION.match(line):
            name = f"{section}.{found['key']}"
            if name not in seen:
                seen.add(name)
                yield name, " ".join(above)
            above = []
        elif line.startswith("# "):
            above.append(line[2:])
        else:
            above = []
