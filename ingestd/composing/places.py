"""Addresses made shorter without being made wrong: the landmark of a pickup place, the town of a destination."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HAN = "\u3400-\u9fff\U00020000-\U0003ffff"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of administration that may stand before a landmark."""

    name: str
    prefix: re.Pattern[str]  # one of its groups: the name without its suffix
    landmark: re.Pattern[str]  # what must be left where it is taken away
    town: str  # what names a town: "name" alone, "whole" with its suffix, "" never


def level(row: Mapping[str, Any], table: Mapping[str, Any]) -> Level:
    """A level by its row in `places.toml`."""
    names = "|".join(sorted(map(re.escape, row.get("names", ())), key=len, reverse=True))
    suffixes = "|".join(map(re.escape, row["suffixes"]))
    least, most = row["length"]
    known = f"({names})(?:{suffixes})?" if names else "(?!)()"
    never = "|".join(row.get("never", ())) or "(?!)"
    shaped = f"(?!{never})([{HAN}]{{{least},{most}}}?)(?:{suffixes})"
    prefix = re.compile(f"(?:{known}|{shaped})(?!{table['not_before']})")
    return Level(row["name"], prefix, re.compile(row.get("landmark", table["landmark"])), row.get("town", ""))


class Places:
    """Knows what stands before a landmark; built once from `places.toml`."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.levels: Sequence[Level] = [level(row, table) for row in table["level"]]
        self.detail = re.compile(table["detail"])
        self.street = re.compile(table["street"])
        self.abbreviations: Mapping[str, str] = table["abbreviations"]

    def towards_landmark(self, address: str) -> Iterator[str]:
        """Shorter forms of an address, each without one more level, down to its landmark and never below."""
        if re.search(f"[{HAN}]", address):
            yield from self.without_levels(address)
        else:
            yield from self.without_later_parts(self.abbreviated(address))

    def without_levels(self, address: str) -> Iterator[str]:
        for each in self.levels:
            found = each.prefix.match(address)
            rest = address[found.end() :].lstrip(" ,，") if found else ""
            if each.landmark.match(rest):
                address = rest
                yield address
        if found := self.detail.match(address):
            yield found[1]

    def abbreviated(self, address: str) -> str:
        """A Western address with its common words shortened."""
        for word, short in self.abbreviations.items():
            address = re.sub(rf"\b{re.escape(word)}(?!\w)" if word[-1].isalpha() else re.escape(word), short, address)
        return address

    def without_later_parts(self, address: str) -> Iterator[str]:
        """A Western address, then without its wider parts, the widest first, down to its street and never below.

        Where no part names a street, a bare building number is not left alone.
        """
        yield address
        parts = address.split(",")
        street = next((i + 1 for i, part in enumerate(parts) if self.street.search(part)), None)
        for count in range(len(parts) - 1, (street or (1 if len(parts[0]) >= 12 else 2)) - 1, -1):
            yield ",".join(parts[:count])

    def town(self, place: str) -> str | None:
        """The town that a destination or address names, None where none is known for sure."""
        for each in self.levels:
            found = each.prefix.match(place)
            if found and each.town:
                return found[1] or found[2] if each.town == "name" else found[0]
            if found:
                place = place[found.end() :]
        return None
