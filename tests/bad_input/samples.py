"""A bad input as it arrives, and what must become of it; and mails made byte by byte, as bad clients make them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DOMAIN = "shipper.example"
ME = f"me@{DOMAIN}"  # in a mail: stands for the address of the sample's own customer
ID = f"@ID@{DOMAIN}"  # in a mail: stands for a Message-ID that is no other's
LETTER = "@LETTER@"  # in a mail: stands for the Message-ID of the last letter that the sender got
SERIAL = "@SERIAL@"  # in a mail or text: stands for the serial of the sender's first order
SENT = "Tue, 10 Mar 2026 09:59:30 +0800"  # half a minute before it arrives


class Outcome(StrEnum):
    """What faults.md says of a bad input; its Q is the review that the desk is told of, or the quarantine."""

    ACCEPTED = "A"  # the order is dispatched as it was meant
    REPLIED = "R"  # the shipper is asked, and nothing dispatched
    HELD = "Q"  # a person must look; nothing is dispatched, and the sender is not answered
    IGNORED = "I"  # nothing is done, and the reason recorded
    JOINED = "D"  # the same as one that came before, whose sender is told so


@dataclass(frozen=True)
class Report:
    """A text message of the dispatcher's."""

    words: str


@dataclass(frozen=True)
class Parts:
    """A long text message of the sample's own customer: its numbered parts in the order of their coming."""

    parts: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Again:
    """The file of the text message before, pushed once more."""


Arriving = bytes | str | Report | Parts | Again  # a mail; a text message of the sample's own customer; ...


@dataclass(frozen=True)
class Sample:
    """One bad input, the last of what arrives, with what must become of it and what the answer or notice must say.

    `order` holds values of the newest order's content by their path in the reading. `states` and `answers` need only be
    told where the outcome alone does not tell in which state the sample's orders end and what its sender is sent.
    """

    numbers: tuple[str, ...]
    name: str
    arrives: tuple[Arriving, ...]
    outcome: Outcome
    says: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    order: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""  # begins that of the last message's state
    states: tuple[str, ...] | None = None
    answers: tuple[str, ...] | None = None  # purposes of what the sender is sent
    sent: int | None = None  # how often a work order goes out, where not once for an order that is out
    superseded: str = ""  # by what, where the outcome is not that of faults.md
    alias: str = ""  # under which a text message comes, in place of a number
    stranger: bool = False  # whether the sender is nobody's customer
    next_day: bool = False  # whether the last of what arrives comes a day later
    time_of: str = ""  # which time is the order's: claimed or arrived
    file: str = ""  # ends the name of an attachment of the work order
    quarantined: bool = False  # whether it is in quarantine, of which an alarm tells, and not in review
    by_inlet: bool = False  # handed to the SMTP inlet instead of put into the mailbox


# --- an order ---------------------------------------------------------------------------------------------------------

FORM = {
    "发货人": "王先生",
    "联系方式": "13823033212",
    "货物名称": "汽车配件",
    "数量": "15件",
    "重量": "200公斤",
    "体积": "2.2立方",
    "提货地址": "中山古镇汽配城A12栋",
    "发往": "杭州",
    "收货人": "马小姐",
    "收货人电话": "13905791234",
    "收货地址": "火车站东路3号",
    "付费方式": "到付",
}
AS_MEANT: Mapping[str, object] = {
    "shipper.name": "王先生",
    "shipper.phones": ["+8613823033212"],
    "cargo.0.name": "汽车配件",
    "cargo.0.quantity": 15,
    "cargo.0.weight_kg": 200,
    "cargo.0.volume_m3": 2.2,
    "pickup.address": "中山古镇汽配城A12栋",
    "destination": "杭州",
    "consignee.name": "马小姐",
    "consignee.phones": ["+8613905791234"],
    "consignee.address": "火车站东路3号",
    "payment": "collect",
}


def order(changes: Mapping[str, str | None] | None = None, *further: str) -> str:
    """The prescribed form with some values changed, or left out where they are None, and further lines below it."""
    form = {**FORM, **(changes or {})}
    lines = [f"{label}：{value}" for label, value in form.items() if value is not None]
    return "\n".join(["您好，请安排提货：", "", *lines, *further, ""])


# --- mails ------------------------------------------------------------------------------------------------------------


def mail(body: bytes | str, kind: str = "text/plain; charset=utf-8", coding: str = "8bit", **headers: str) -> bytes:
    """A mail of one part; a header with an empty value is left out."""
    lines = {
        "From": f"客户 <{ME}>",
        "To": "orders@desk.example",
        "Subject": "=?utf-8?B?5Y+R6LSn5aeU5omY?=",
        "Date": SENT,
        "Message-ID": f"<{ID}>",
        "MIME-Version": "1.0",
        "Content-Type": kind,
        "Content-Transfer-Encoding": coding,
    }
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    whole = body.replace("\n", "\r\n").encode() if isinstance(body, str) else body
    return f"{head}\r\n".encode("utf-8", "surrogateescape") + whole


def packed(body: bytes | str, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """A mail of one part in base64."""
    raw = body.encode() if isinstance(body, str) else body
    return mail(base64.encodebytes(raw), kind, "base64", **headers)


def part(body: bytes | str, kind: str = "text/plain; charset=utf-8", further: str = "") -> bytes:
    """One part of a mail of several, in base64."""
    raw = body.encode() if isinstance(body, str) else body
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{further}\r\n"
    return head.encode() + base64.encodebytes(raw)


def file(raw: bytes, name: str, kind: str = "application/octet-stream") -> bytes:
    """One attached file."""
    return part(raw, kind, f'Content-Disposition: attachment; filename="{name}"\r\n')


def several(*parts: bytes, kind: str = "mixed", **headers: str) -> bytes:
    """A mail of several parts."""
    body = b"".join(b"--=_b1\r\n" + one + b"\r\n" for one in parts) + b"--=_b1--\r\n"
    return mail(body, f'multipart/{kind}; boundary="=_b1"', "7bit", **headers)


def html(text: str, further: str = "") -> str:
    """A text as a client's HTML."""
    lines = "</div><div>".join(text.strip().split("\n"))
    return f"<html><body><div>{lines}</div>{further}</body></html>"
