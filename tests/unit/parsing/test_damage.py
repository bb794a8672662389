"""Characters that were lost on the way, text that breaks off, and codes that Python knows and mail does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ingestd.domain.reading import Channel, Code, Envelope, Intent, Reading
from ingestd.parsing.charset import decoded
from ingestd.parsing.damage import LOST, zones
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read
from tests.unit.parsing.mails import ORDER, is_for_a_person, is_the_order, mail, part, several

Email = Callable[[bytes], Reading]
Sms = Callable[[str], Reading]
DEEP = mail(
    b"".join(b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (n, n + 1) for n in range(60)),
    'multipart/mixed; boundary="b0"',
)


@pytest.mark.parametrize(
    ("shown", "spoilt"),
    [
        ("数量：1�件\n重量：2吨", ["�件"]),
        ("收货人：�硇〗�\n13905791234", ["收货人：�硇〗�"]),
        (f"{LOST}a{LOST}", [LOST, LOST]),
        ("十五件", []),
    ],
)
def test_a_lost_character_spoils_its_neighbours_up_to_the_next_plain_sign(shown: str, spoilt: list[str]) -> None:
    assert [shown[start:end] for start, end in zones(shown)] == spoilt


@pytest.mark.parametrize(
    ("value", "broken", "field"),
    [
        ("28台", f"{LOST}8台", "cargo.quantity"),
        ("1.4方、700公斤", f"1.4{LOST}、7{LOST}00公斤", "cargo.weight_kg"),
        ("水泵电机", f"水泵{LOST}机", "cargo.name"),
        ("沈岙工业区", f"沈{LOST}工业区", "pickup.address"),
        ("衡阳", f"衡{LOST}", "destination"),
        ("欧阳镕", f"欧阳{LOST}", "consignee.name"),
        ("吕喆", f"吕{LOST}", "shipper.name"),
    ],
)  # fmt: skip
def test_a_value_with_a_lost_character_is_asked_for_and_no_other(
    value: str, broken: str, field: str, email: Email
) -> None:
    reading = email(mail(ORDER.replace(value, broken).encode()))
    assert (Code.UNREADABLE, field) in [(p.code, p.field) for p in reading.problems]
    assert {p.field for p in reading.problems} <= {field, "cargo.quantity", "cargo.weight_kg", "cargo.name"}
    assert LOST not in repr(reading.orders)


def test_a_figure_beside_a_lost_character_is_none(email: Email) -> None:
    raw = (
        ORDER.replace("28台、1.4方、700公斤", "28台\n体积：1.4方\n重量：700公斤")
        .encode("gbk")
        .replace(b"28", b"2\xff8")
    )
    (order,) = email(mail(raw, "text/plain; charset=gbk")).orders
    assert [line.quantity for line in order.cargo] == [None]
    assert [line.weight_kg for line in order.cargo] == [700]


def test_an_answer_with_a_lost_character_changes_nothing(email: Email) -> None:
    reading = email(mail(f"260310221 收货人电话改为139{LOST}5791234\n".encode(), Subject="=?utf-8?B?5pu05pS5?="))
    assert all(not order.consignee.phones for order in reading.orders)


@pytest.mark.parametrize("label", ["unicode_escape", "raw-unicode-escape", "undefined", "punycode", "IDNA", "utf-7"])
def test_a_codec_that_is_no_charset_of_mail_decodes_nothing(label: str) -> None:
    assert decoded("发货\\u4e00".encode(), label) == "发货\\u4e00"


def test_half_a_character_is_a_lost_one() -> None:
    assert decoded(b"a+2AA-b +2DzcCQ- \xff", "utf-7")[:2] == "a" + LOST
    assert decoded("王+2AA-".encode("utf-7"), "utf-7").isprintable()


@pytest.mark.parametrize("coding", ["base64", "quoted-printable"])
def test_plain_text_that_says_it_is_coded_is_read(coding: str, email: Email) -> None:
    assert is_the_order(email(mail(ORDER.encode(), coding=coding)))


@pytest.mark.parametrize("kind", ["/", "text", "text/", "text/markdown; charset=utf-8", "TEXT/X-MEMO"])
def test_a_text_of_no_known_kind_is_read_as_plain_text(kind: str, email: Email) -> None:
    assert is_the_order(email(mail(ORDER.encode(), kind)))


def test_an_appointment_beside_an_order_does_not_make_a_machine_of_its_sender(email: Email) -> None:
    invitation = part(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "text/calendar; method=REQUEST")
    both = email(several(part(ORDER.encode()), invitation))
    assert (both.intent, both.envelope.machine) == (Intent.ORDER, "Content-Type: text/calendar")
    assert email(several(part("请参加周会".encode()), invitation)).intent is Intent.AUTOMATIC


def test_an_encrypted_text_is_for_a_person(email: Email) -> None:
    assert is_for_a_person(email(mail(b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n")))


def test_colours_of_a_terminal_are_no_words(sms: Sms) -> None:
    (order,) = sms(ORDER.replace("吕喆", "\x1b[1;31m吕喆\x1b[0m").replace("欧阳镕", "\x1bM欧阳镕\x1b]")).orders
    assert (order.shipper.name, (order.consignee.name or "").rstrip("]")) == ("吕喆", "欧阳镕")


@pytest.mark.parametrize(
    ("words", "field"), [("水泵电机 0台、1.4方", "cargo.quantity"), ("水泵电机 28台、0公斤", "cargo.weight_kg")]
)
def test_nothing_is_no_figure(words: str, field: str, sms: Sms) -> None:
    reading = sms(ORDER.replace("水泵电机 28台、1.4方、700公斤", words))
    assert [(p.code, p.field) for p in reading.problems] == [(Code.MISSING, field)]


def test_a_figure_with_a_minus_is_asked_for_and_one_behind_a_dash_is_not(sms: Sms) -> None:
    form = ORDER.replace(
        "货物状况：水泵电机 28台、1.4方、700公斤", "货物名称：水泵电机\n数量：{}28台\n体积：1.4方\n重量：700公斤"
    )
    assert [(p.code, p.field) for p in sms(form.format("-")).problems] == [(Code.AMBIGUOUS, "cargo.quantity")]
    assert sms(form.format("- ")).problems == ()


def test_a_day_of_the_moon_goes_to_a_person(sms: Sms) -> None:
    assert sms(ORDER + "请农历二月初八来提货").review == ("unread_time",)


ARRIVED = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning at the site
MEANT = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        "", "yesterday", "Thu, 1 Jan 1970 00:00:00 +0000", "Wed, 10 Mar 2027 10:02:03 +0800",
        "Tue, 10 Mar 2026 09:59:00 +0800", "Mon, 9 Mar 2026 23:00:00 -0300",
    ],
)  # fmt: skip
def test_tomorrow_does_not_hang_on_a_date_that_cannot_be_true(date: str, definitions: Definitions) -> None:
    raw = mail((ORDER + "请明天下午3点前送到\n").encode(), Date=date)
    reading = read(Channel.EMAIL, raw, definitions, arrived_at=ARRIVED)
    assert reading.orders[0].deliver_by == MEANT
    assert reading.sent_at == read(Channel.EMAIL, raw, definitions).sent_at  # which stays the sender's claim


def test_a_mail_that_lay_for_a_week_means_its_own_tomorrow(definitions: Definitions) -> None:
    raw = mail((ORDER + "请明天下午3点前送到\n").encode(), Date="Tue, 3 Mar 2026 10:02:03 +0800")
    reading = read(Channel.EMAIL, raw, definitions, arrived_at=ARRIVED)
    assert reading.orders[0].deliver_by == MEANT - timedelta(days=7)


@pytest.mark.parametrize("raw", [DEEP, mail(b"--=_b1\r\n\r\nx\r\n" * 1100, 'multipart/mixed; boundary="=_b1"')])
def test_of_what_is_not_taken_apart_the_sender_is_known_all_the_same(raw: bytes, email: Email) -> None:
    reading = email(raw)
    assert is_for_a_person(reading)
    assert (reading.sender, reading.envelope.from_) == ("a@shipper.example", ("a@shipper.example",))


def test_of_headers_that_are_too_large_nothing_is_known(email: Email) -> None:
    reading = email(mail(b"x", Subject="x" * 1_000_000))
    assert is_for_a_person(reading)
    assert reading.envelope == Envelope()
