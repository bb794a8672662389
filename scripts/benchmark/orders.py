"""Distinct orders of known senders, in six encodings by turns, every fifth above a quoted history."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from email.mime.multipart import MIMEMultipart
from pathlib import Path
from string import Template
from typing import Any

from scripts.demonstration.letters import WIRE, headers, page, part, without_version
from scripts.demonstration.script import Encoding, MailScript

TO = "orders@shunchi.example"
CUSTOMERS = 40
WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "orders.toml").read_text("utf-8"))
MIXED = "mixed"  # multipart/alternative: text in UTF-8, HTML in GB18030
KINDS: tuple[tuple[str, Encoding], ...] = (
    ("utf-8", "base64"),
    ("utf-8", "quoted-printable"),
    ("gb18030", "base64"),
    ("gb18030", "8bit"),
    (MIXED, "base64"),
    ("gb18030", "quoted-printable"),
)


@dataclass(frozen=True, slots=True)
class OrderMail:
    """One order as a raw mail."""

    number: int
    mail_id: str  # the Message-ID without its brackets
    raw: bytes  # with CRLF


def sender(number: int) -> str:
    """The address that an order comes from."""
    return f"shipping@shipper{number % CUSTOMERS}.example"


def order_mails(first: int, count: int, at: datetime) -> Iterator[OrderMail]:
    """So many orders, none like another, all written at that moment."""
    for number in range(first, first + count):
        yield order_mail(number, at)


def order_mail(number: int, at: datetime) -> OrderMail:
    """The order of that number; the same again for the same number and moment, but for its Message-ID."""
    said = content(number)
    text = Template(WORDS["text"]).substitute(said) + (WORDS["quoted"] if number % 5 == 4 else "")
    charset, encoding = KINDS[number % len(KINDS)]
    script = MailScript(
        from_=f"{said['shipper']} <{sender(number)}>",
        text=text,
        charset="utf-8" if charset == MIXED else charset,
        encoding=encoding,
    )
    mail = alternative(script) if charset == MIXED else without_version(part(script, "plain", text.lstrip()))
    fields = headers(script, Template(WORDS["subject"]).substitute(said), at, None)
    for name, value in (fields | {"To": TO}).items():
        mail[name] = value
    return OrderMail(number, fields["Message-ID"].strip("<>"), mail.as_bytes(policy=WIRE))


def alternative(script: MailScript) -> Message:
    """The same text twice, the HTML in another charset."""
    out = MIMEMultipart("alternative")
    out.attach(part(script, "plain", script.text.lstrip()))
    out.attach(part(replace(script, charset="gb18030"), "html", page(script.text, ())))
    return without_version(out)


def content(number: int) -> dict[str, object]:
    """What the order says; its own number stands in its phones and reference, so that no two are alike."""
    chance = random.Random(number)  # noqa: S311  nothing is secret here
    pick = {name: chance.choice(values) for name, values in WORDS.items() if isinstance(values, list)}
    weight = chance.randint(60, 3000)
    return {
        "order": f"DD{20260000 + number}",
        "company": pick["companies"],
        "shipper": pick["family_names"] + pick["titles"],
        "shipper_phone": f"138{number % 100_000_000:08d}",
        "pickup": f"{pick['pickups']}{chance.randint(1, 299)}号{pick['buildings']}",
        "goods": pick["goods"],
        "quantity": chance.randint(1, 400),
        "unit": pick["units"],
        "weight": weight,
        "volume": f"{weight / chance.randint(120, 400):.1f}",
        "destination": pick["destinations"],
        "street": f"{pick['streets']}{chance.randint(1, 999)}号",
        "consignee": chance.choice(WORDS["family_names"]) + chance.choice(WORDS["titles"]),
        "consignee_phone": f"139{(number * 7) % 100_000_000:08d}",
        "payment": pick["payments"],
        "remark": pick["remarks"],
    }
