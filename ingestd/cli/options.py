"""Every option of `ingestd.toml` with its default and meaning, for `ingestd check --options`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

# As config/ingestd.toml says of itself: "# " begins text, "#" without a blank an option at its default.
SECTION = re.compile(r"#?\[{1,2}(?P<name>[a-z_.]+)\]{1,2}\s*(?:#.*)?$")
OPTION = re.compile(r"#?(?P<key>[a-z_]+)\s*=\s*(?P<rest>.+)$")
PROSE = re.compile(r"#\s*(?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `section.key`, its default as TOML (empty: must be given), and what it means."""

    name: str
    default: str
    meaning: str


def options(model: type[BaseModel], shown: Path) -> list[Option]:
    """All options of a model, with the meanings that the commented file `shown` gives them."""
    meanings = meanings_in(shown.read_text("utf-8")) if shown.is_file() else {}
    return [Option(name, default, meanings.get(name, "")) for name, default in defaults(model, "")]


def defaults(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    """The options of a model and of the tables within it, each with its default."""
    for key, field in model.model_fields.items():
        inner = section_of(field.annotation)
        if inner is not None:
            yield from defaults(inner, f"{prefix}{key}.")
        else:
            yield prefix + key, default_of(field)


def section_of(annotation: object) -> type[BaseModel] | None:
    """The model of a table, or of the rows of a list of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, Union, UnionType):
        return next((m for m in map(section_of, get_args(annotation)) if m), None)
    return None


def default_of(field: FieldInfo) -> str:
    """A field's default as TOML; empty where it must be given."""
    value = field.get_default(call_default_factory=True)
    return "" if value is PydanticUndefined else as_toml(value)


def as_toml(value: Any) -> str:
    """A value as TOML writes it; what is unset has no spelling there and is shown as a dash."""
    if value is None:
        return "-"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, tuple):
        return f"[{', '.join(as_toml(v) for v in value)}]"
    if isinstance(value, (bool, int, float, time)):
        return str(value).lower()
    return f'"{value}"'  # a secret shows as stars, and its default is empty


def meanings_in(text: str) -> Mapping[str, str]:
    """What the comments beside or above each option of a configuration file say of it."""
    meanings: dict[str, str] = {}
    section, above = "", list[str]()
    for written in text.splitlines():
        if found := SECTION.match(written):
            section, above = f"{found['name']}.", []
        elif (found := OPTION.match(written)) and (beside := comment_of(found["rest"])) is not None:
            meanings.setdefault(section + found["key"], beside or " ".join(above))
            above = []
        elif found := PROSE.match(written):
            above.append(found["text"])
        else:
            above = []
    return meanings


def comment_of(rest: str) -> str | None:
    """The comment behind a value, empty where there is none; None where this is prose that looks like an option."""
    for cut in [i for i, c in enumerate(rest) if c == "#"] + [len(rest)]:
        try:
            tomllib.loads(f"value = {rest[:cut]}")
        except tomllib.TOMLDecodeError:
            continue
        return rest[cut:].lstrip("# ").strip()
    return None
