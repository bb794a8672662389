"""The codes that say why something is as it is, in words: `missing_field:missing: consignee.phones`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.cli.words import term

GROUPS = ("review", "intent", "problem", "field", "report", "reason", "follow_up")


def told(reasons: str) -> str:
    """Reasons separated by `; `, each a code with what it is about behind colons; what has no words stays as it is.

    What is said of several things is said once.
    """
    about: dict[str, list[str]] = {}
    for reason in reasons.split("; "):
        code, _, seen = reason.partition(":")
        about.setdefault(code, []).extend(filter(None, [named_parts(seen)]))
    return "; ".join(f"{named(code)} ({', '.join(seen)})" if seen else named(code) for code, seen in about.items())


def told_one(reason: str) -> str:
    """One reason: its code, then in brackets what it is about."""
    code, _, about = reason.partition(":")
    rest = named_parts(about)
    return f"{named(code)} ({rest})" if rest else named(code)


def named_parts(about: str) -> str:
    """What a reason is about, each part by its name."""
    return ": ".join(named(part.strip()) for part in about.split(":") if part.strip())


def named(code: str) -> str:
    """What a code is called in the first group that knows it."""
    return next((found for group in GROUPS if (found := term(group, code)) != code), code)


def told_event(data: Mapping[str, Any]) -> str:
    """What an event of the tracking record says beside its kind."""
    return ", ".join(said for key, value in data.items() if (said := told_datum(key, value)))


def told_datum(key: str, value: Any) -> str:
    """One entry of an event's data; which clock counted stands elsewhere already."""
    if key == "time":
        return ""
    if key == "set" and isinstance(value, list):
        return "; ".join(told_field(str(item)) for item in value)
    if isinstance(value, list):
        return "; ".join(told_one(str(item)) for item in value)
    if key == "reason":
        return told(str(value))
    return term(key, str(value))


def told_field(item: str) -> str:
    """A field and what was put into it, by its name: `cargo[1].weight_kg=80kg` is `weight 2=80kg`."""
    path, _, value = item.partition("=")
    part, bracket, rest = path.partition("[")
    line, _, field = rest.partition("]")
    return f"{term('field', part + field)}{f' {int(line) + 1}' if bracket else ''}={value}"
