"""The bytes of a mail as SMTP wants them, and what keeps a mail from being sent at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestd.domain.sending import Claim

MAILBOX = re.compile(r"[^\s<>\x00-\x20\x7f]+@[^\s<>\x00-\x20\x7f]+")


@dataclass(frozen=True, slots=True)
class Offers:
    """What a relay said it can do in its answer to EHLO."""

    pipelining: bool = False
    eight_bit: bool = False
    utf8: bool = False
    size: bool = False
    largest: int = 0  # bytes; 0: no limit named


def stuffed(body: bytes) -> bytes:
    """The body with its leading dots doubled and a line end at its end. Source: RFC 5321 §4.5.2."""
    body = body.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def ill_formed(claim: Claim) -> str | None:
    """Why no relay should get this, or None: a command or a second message could hide in it."""
    if not MAILBOX.fullmatch(claim.recipient):
        return "recipient is no address"
    if claim.envelope_from and not MAILBOX.fullmatch(claim.envelope_from):
        return "envelope sender is no address"
    ends = claim.body.count(b"\r\n")
    if claim.body.count(b"\n") != ends or claim.body.count(b"\r") != ends:
        return "body has a bare CR or LF"
    return None


def unfit(claim: Claim, offers: Offers) -> str | None:
    """Why this relay cannot carry it unchanged, or None."""
    if 0 < offers.largest < len(claim.body):
        return f"552 5.3.4 larger than the relay's limit of {offers.largest} bytes"
    if not offers.utf8 and not (claim.recipient + claim.envelope_from).isascii():
        return "553 5.6.7 the address needs SMTPUTF8, which the relay does not offer"
    if not offers.eight_bit and not claim.body.isascii():
        return "554 5.6.3 the body has 8-bit bytes, and the relay does not offer 8BITMIME"
    return None


def mail_command(claim: Claim, offers: Offers) -> bytes:
    """MAIL for a claim, with the parameters that the relay offers."""
    parameters = f" SIZE={len(claim.body)}" if offers.size else ""
    if offers.eight_bit and not claim.body.isascii():
        parameters += " BODY=8BITMIME"
    if offers.utf8 and not (claim.recipient + claim.envelope_from).isascii():
        parameters += " SMTPUTF8"
    return f"MAIL FROM:<{claim.envelope_from}>{parameters}\r\n".encode()


def recipient_command(address: str) -> bytes:
    """RCPT for an address."""
    return f"RCPT TO:<{address}>\r\n".encode()
