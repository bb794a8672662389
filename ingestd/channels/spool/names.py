"""Names of files in the spool: a sending's key and number as gammu-smsd reads them, and back.

gammu-smsd takes `OUT<priority><date>_<time>_<serial>_<number>_<note>.txt`, in the order of the names, and keeps the
name when it moves the file to sent or error. Date and time are the sending's deadline; our key stands where the serial
does: sorting by number would keep one person's texts behind another's. gammu-smsd 1.42 copies the name into 100 bytes
without looking.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, unquote

LONGEST = 99  # bytes
NUMBER = re.compile(r"\+?[0-9]{3,20}")
OURS = re.compile(r"OUTC\d{8}_\d{6}_([^_/]+)_(\+?[0-9]+)_\.txt")


def file_name(key: str, number: str, deadline: datetime) -> str:
    """The name under which a sending lies in the spool, the same at each repeat; the earliest deadline goes first.

    Raises ValueError where the number is none or the name would be longer than gammu-smsd can hold.
    """
    if not key or not NUMBER.fullmatch(number):
        raise ValueError("a spool file needs a key and a number")
    name = f"OUTC{deadline.astimezone(UTC):%Y%m%d_%H%M%S}_{quote(key, safe='').replace('_', '%5F')}_{number}_.txt"
    if len(name) > LONGEST:
        raise ValueError(f"the key is too long by {len(name) - LONGEST} characters for gammu-smsd")
    return name


def key_of(name: str) -> str | None:
    """The key in a file's name; None where the file is not ours."""
    found = OURS.fullmatch(name)
    return unquote(found[1]) if found else None


def hidden(name: str) -> str:
    """The name while the file is written: gammu-smsd passes over names that begin with a dot."""
    return f".{name}.new"
