"""The codes that say why something is as it is, in words: `missing_field:missing: consignee.phones`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.cli.words import term

GROUPS = ("review", "intent", "problem", "field", "report")


def told(reasons: str) -> str:
    """Reasons separated by `; `, each a code with what it is about behind colons; what has no words stays as it is."""
    return "; ".join(told_one(reason) for reason in reasons.split("; "))


def told_one(reason: str) -> str:
    """One reason: its code, then in brackets what it is about."""
    code, _, about = reason.partition(":")
    rest = ": ".join(named(part.strip()) for part in about.split(":") if part.strip())
    return f"{named(code)} ({rest})" if rest else named(code)


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
    if isinstance(value, list):
        return "; ".join(told_one(str(item)) for item in value)
    if key == "reason":
        return told(str(value))
    return term(key, str(value))
