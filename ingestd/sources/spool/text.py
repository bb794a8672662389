"""What the names and bytes of gammu-smsd's inbox files say: pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

# INyyyymmdd_hhmmss_SERIAL_SENDER_PART.txt; the parts of a long text message share all but the last number
NAME = re.compile(r"(?P<group>IN(?P<sent>\d{8}_\d{6})_\d+_(?P<sender>.*))_(?P<part>\d+)\.(?P<kind>[^.]+)", re.DOTALL)
CHINESE_MOBILE = re.compile(r"(?:\+|00)?(?:86)?(1[3-9]\d{9})")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """One file of the inbox: a text message, or one part of a long one."""

    name: str
    group: str  # what the parts of one text message have in common
    sender: str
    sent_at: str  # yyyymmdd_hhmmss as the network centre's clock had it
    part: int
    is_text: bool


def spool_file(name: str) -> SpoolFile | None:
    """What a file's name says, None where it is none of smsd's."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    is_text = found["kind"] == "txt"
    return SpoolFile(name, found["group"], found["sender"], found["sent"], int(found["part"]), is_text)


def missing_parts(parts: Iterable[SpoolFile]) -> list[int]:
    """The numbers that are left out below the highest one."""
    numbers = {part.part for part in parts}
    return [number for number in range(max(numbers, default=0)) if number not in numbers]


def e164(sender: str) -> str:
    """A Chinese mobile in its international form; short numbers, names and others as they are."""
    mobile = CHINESE_MOBILE.fullmatch(sender)
    return f"+86{mobile[1]}" if mobile else CONTROL.sub("", sender)


def joined_text(parts: Sequence[bytes]) -> str:
    """The text of all parts; UTF-16 is joined before it is decoded, for a part may end within a character."""
    if all(part.startswith(codecs.BOM_UTF16_BE) for part in parts):
        return b"".join(text_units(part[2:]) for part in parts).decode("utf-16-be", errors="replace")
    return "".join(decoded(part) for part in parts)


def text_units(units: bytes) -> bytes:
    """UTF-16 up to its first NUL: behind it smsd writes as many bytes again of whatever its memory holds."""
    ends = (at for at in range(0, len(units) - 1, 2) if units[at : at + 2] == b"\0\0")
    return units[: next(ends, len(units))]


def decoded(part: bytes) -> str:
    """One part by its byte order mark, else as UTF-8, else as GB18030, up to its first NUL."""
    if part.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        text = part.decode("utf-16", errors="replace")
    else:
        try:
            text = part.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = part.decode("gb18030", errors="replace")
    return text.partition("\0")[0]


def sent_at(stamp: str, zone: tzinfo) -> datetime | None:
    """The time in a file's name, None where it is no time."""
    try:
        return datetime.strptime(stamp, "%Y%m%d_%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return None


def sms_form(sender: str, at: datetime, number: str, text: str) -> bytes:
    """A text message as the reading contract wants it; messages.md, "SMS files"."""
    return f"From: {e164(sender)}\nDate: {at.isoformat()}\nTo: {number}\n\n{text}".encode()
