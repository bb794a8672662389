"""What the inlet says to its clients: short, and nothing of its inside."""

from __future__ import annotations

import re

from ingestd.sources.trouble import is_disk_full

TAKEN = "250 2.0.0 Taken"
NOT_OURS = "550 5.7.1 This server takes mail for its own addresses only"
BARE_LINE_END = "550 5.5.2 CR and LF must come together"
TRY_LATER = "451 4.3.0 Cannot take the message now, try again later"
DISK_FULL = "452 4.3.1 Not enough room, try again later"
TOO_MANY = "421 4.7.0 Too many connections, try again later"
NOT_OFFERED = "502 5.5.1 Not offered"
HELP = "214 2.0.0 See RFC 5321"

BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def has_bare_line_end(content: bytes) -> bool:
    """Whether a CR or LF stands alone, by which a second message could be smuggled past another server; faults B82."""
    return BARE.search(content) is not None


def refusal(error: BaseException) -> str:
    """The reply to a message that could not be stored: always a temporary one."""
    return DISK_FULL if is_disk_full(error) else TRY_LATER
