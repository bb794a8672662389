"""Answers to our own letters: what a reply quotes of them is nobody's new order, and neither is a letter forwarded."""

from __future__ import annotations

import re

import pytest

from ingestd.composing.composer import Composer
from ingestd.composing.drafts import letter_for
from ingestd.domain.reading import Channel, Intent, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from tests.unit.composing.life import ALL
from tests.unit.composing.orders import EXAMPLE, view
from tests.unit.composing.test_composer import ASKED, LATE, letters
from tests.unit.parsing.clients import FORWARDED, HEADED, HTML, MARKED, marked
from tests.unit.parsing.conftest import SHIPPED

OF_LIFE = (
    "changed work order",
    "changed acknowledgement",
    "cancellation",
    "notice",
    "progress",
    "which_order",
    "daily",
)
NAMES = ("acknowledgement", "question", "work_order", "chase", "escalation", "duplicate_notice", *OF_LIFE)
BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions([SHIPPED])


def mail(text: str, subject: str, kind: str = "plain") -> bytes:
    head = f"From: a@shipper.example\r\nSubject: {subject}\r\nDate: Tue, 10 Mar 2026 10:02:03 +0800\r\n"
    return f"{head}Content-Type: text/{kind}; charset=utf-8\r\n\r\n{text}".encode()


def written(composer: Composer, name: str, language: str) -> tuple[str, str, str]:
    """Subject, text and HTML of a letter."""
    if name in OF_LIFE:
        letter = letter_for(composer, ALL[name](language), LATE)
    else:
        letter = letters(composer, ASKED if name == "question" else view(EXAMPLE), language)[name]
    return letter.subject, letter.text, letter.html or ""


def replies(composer: Composer, name: str, language: str, new: str) -> list[bytes]:
    """A letter of ours as each mail program quotes it below a new text."""
    subject, text, page = written(composer, name, language)
    out = [mail(f"{new}\n\n{head}{marked(text)}", f"Re: {subject}") for head in MARKED.values()]
    out += [mail(f"{new}\n\n{head}\n{text}", f"回复: {subject}") for head in HEADED.values()]
    if page:
        body = BODY.findall(page)[0]
        filled = (html.replace("{new}", f"<div>{new}</div>").replace("{old}", body) for html in HTML.values())
        out += [mail(html, f"Re: {subject}", "html") for html in filled]
    return out


def untouched(reading: Reading) -> bool:
    """Whether nothing of a quoted letter was read as an order."""
    return reading.intent is not Intent.ORDER and not reading.orders


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_what_a_reply_quotes_of_our_letters_is_no_order(
    name: str, language: str, composer: Composer, definitions: Definitions
) -> None:
    for raw in replies(composer, name, language, "好的，谢谢"):
        assert untouched(read(Channel.EMAIL, raw, definitions)), raw.decode()


@pytest.mark.parametrize("name", ["acknowledgement", "question"])
def test_only_what_a_reply_changes_is_read(name: str, composer: Composer, definitions: Definitions) -> None:
    for raw in replies(composer, name, "zh", "收货电话改为13900001111，其他不变"):
        reading = read(Channel.EMAIL, raw, definitions)
        (order,) = reading.orders
        assert (reading.intent, order.consignee.phones) == (Intent.AMENDMENT, ("+8613900001111",)), raw.decode()
        assert (order.cargo, order.shipper.name, order.pickup.address) == ((), None, None)


@pytest.mark.parametrize("above", ["", "请看下面", "请问这票到哪了"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["acknowledgement", "question", "work_order"])
def test_a_letter_of_ours_forwarded_to_us_is_no_order(
    name: str, language: str, above: str, composer: Composer, definitions: Definitions
) -> None:
    subject, text, _ = written(composer, name, language)
    for head in (*FORWARDED.values(), HEADED["qq"]):
        assert untouched(read(Channel.EMAIL, mail(f"{above}\n\n{head}\n{text}", f"Fwd: {subject}"), definitions))


@pytest.mark.parametrize("name", ["acknowledgement", "work_order"])
def test_as_last_time_takes_the_order_from_our_letter(name: str, composer: Composer, definitions: Definitions) -> None:
    for raw in replies(composer, name, "zh", "再来一票，同上次"):
        reading = read(Channel.EMAIL, raw, definitions)
        (order,) = reading.orders
        assert "from_quote" in reading.review
        assert (order.shipper.name, order.consignee.name) == (EXAMPLE.shipper.name, EXAMPLE.consignee.name), (
            raw.decode()
        )
        assert [c.quantity for c in order.cargo] == [c.quantity for c in EXAMPLE.cargo]
