"""What the inlet says to its clients: short, and nothing of its inside."""

from __future__ import annotations

import re

from ingestd.sources.trouble import is_disk_full

TAKEN = "250 2.0.0 Taken"
OURS = "250 2.1.5 OK"
GO_ON = "354 End data with <CR><LF>.<CR><LF>"
NOT_OURS = "550 5.7.1 This server takes mail for its own addresses only"
BARE_LINE_END = "550 5.5.2 CR and LF must come together"
LONG_LINE = "550 5.5.2 A line is longer than 998 octets"
TOO_LARGE = "552 5.3.4 The message is larger than this server takes"
TRY_LATER = "451 4.3.0 Cannot take the message now, try again later"
DISK_FULL = "452 4.3.1 Not enough room, try again later"
NO_ROOM = "452 4.3.1 Too many messages at once, try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
TOO_MANY = "421 4.7.0 Too many connections, try again later"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
TOO_SLOW = "421 4.4.2 Too slow"
OUT_OF_TURN = "421 4.5.0 Wait for the reply to each command"
NO_MAIL = "421 4.7.0 This is a mail server"
NOT_OFFERED = "502 5.5.1 Not offered"
NO_RECIPIENT = "503 5.5.1 RCPT comes first"
NO_ARGUMENT = "501 5.5.4 No argument is wanted"
NO_NAME = "501 5.5.4 That is no name of a host"
TLS_ALREADY = "503 5.5.1 TLS is there already"
HELP = "214 2.0.0 See RFC 5321"

BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
HOST_NAME = re.compile(r"[!-~]{1,255}")  # nothing more may be asked of it (RFC 5321 §4.1.4)


def has_bare_line_end(content: bytes) -> bool:
    """Whether a CR or LF stands alone, by which a second message could be smuggled past another server; faults B82."""
    return BARE.search(content) is not None


def refusal(error: BaseException) -> str:
    """The reply to a message that could not be stored: always a temporary one."""
    return DISK_FULL if is_disk_full(error) else TRY_LATER
