"""How a work order is worded in text messages: `templates/work_order/sms.LANGUAGE.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingestd.composing.wording import BrokenTemplateError, table

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SmsWords:
    """The definition of a work order's text message; the file says what each word is for."""

    sequence: Sequence[str]
    give_way: Sequence[str]
    then: Sequence[str]
    with_part_two: Sequence[str]
    rest: Sequence[str]
    joint: str
    sum_joint: str
    separators: str
    some_of: str
    kinds: str
    agent: str
    alias: str
    default_unit: str
    weight: str
    volume: str
    extension: str
    phone_joint: str
    hold: str
    more: str
    units: Words
    payment: Words
    long: Words
    short: Words
    rest_words: Words
    delivery_side: Words
    hint: Mapping[str, Any]
    time: Words


def sms_words(folders: Sequence[Path], language: str) -> SmsWords:
    """The definition for one language; raises BrokenTemplateError where a key is missing or unknown."""
    name = f"work_order/sms.{language}.toml"
    found = table(folders, name)
    wanted = {f.name for f in fields(SmsWords)}
    if wrong := sorted(wanted ^ set(found)):
        missing = [key for key in wrong if key in wanted]
        raise BrokenTemplateError(
            name, None, f"{'misses' if missing else 'does not know'} {', '.join(missing or wrong)}"
        )
    return SmsWords(**found)
