"""The bytes of a mail on their way to the relay."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.channels.relay.address import AddressBook
from ingestd.channels.relay.connection import taken
from ingestd.channels.relay.content import Offers, ill_formed, mail_command, recipient_command, stuffed, unfit
from ingestd.channels.relay.verdict import Reply
from ingestd.domain.sending import Claim
from tests.unit.channels.claims import HEAD, mail

ALL = Offers(pipelining=True, eight_bit=True, utf8=True, size=True, largest=10_000)
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"text", "提货".encode()]))


@given(LINES)
def test_stuffing_hides_no_end_of_mail_and_is_undone_line_by_line(lines: list[bytes]) -> None:
    body = b"".join(line + b"\r\n" for line in lines)
    sent = stuffed(body)
    assert not sent.startswith(b".\r\n")
    assert b"\r\n.\r\n" not in sent
    if body:
        assert b"".join(line[1:] if line.startswith(b".") else line for line in sent.splitlines(True)) == body


def test_a_body_without_a_last_line_end_gets_one() -> None:
    assert stuffed(b"a") == b"a\r\n"


@pytest.mark.parametrize("body", [b"a\nb\r\n", b"a\r\n.\n", b"a\rb\r\n", b"a\r\r\n"])
def test_bare_line_ends_in_which_a_second_mail_could_hide_are_refused(body: bytes) -> None:
    assert ill_formed(mail(HEAD + body)) == "body has a bare CR or LF"


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nDATA", "a b@example.com", "<a@b>", "a@b>x", "a@\0b"])
def test_what_is_no_address_never_reaches_a_command(address: str) -> None:
    assert ill_formed(mail(recipient=address))
    assert ill_formed(replace(mail(), envelope_from=address)) or not address


@pytest.mark.parametrize(
    ("claim", "offers", "code"),
    [
        (mail(), Offers(), None),
        (mail(HEAD + "提货\r\n".encode()), ALL, None),
        (mail(HEAD + "提货\r\n".encode()), replace(ALL, eight_bit=False), "554"),
        (mail(recipient="调度@example.com"), ALL, None),
        (mail(recipient="调度@example.com"), replace(ALL, utf8=False), "553"),
        (mail(HEAD + b"x" * 10_000), ALL, "552"),
        (mail(HEAD + b"x" * 10_000), replace(ALL, largest=0), None),
    ],
)
def test_a_relay_gets_only_what_it_can_carry_unchanged(claim: Claim, offers: Offers, code: str | None) -> None:
    objection = unfit(claim, offers)
    assert (objection and objection[:3]) == code


def test_the_envelope_uses_what_is_offered_and_nothing_else() -> None:
    assert mail_command(mail(), Offers()) == b"MAIL FROM:<bounce@orders.example>\r\n"
    assert mail_command(replace(mail(), envelope_from=""), Offers()) == b"MAIL FROM:<>\r\n"
    chinese = mail("提货\r\n".encode(), "调度@example.com")
    assert mail_command(chinese, ALL) == b"MAIL FROM:<bounce@orders.example> SIZE=8 BODY=8BITMIME SMTPUTF8\r\n"
    assert recipient_command(chinese.recipient) == "RCPT TO:<调度@example.com>\r\n".encode()


def test_replies_are_taken_one_by_one_and_only_when_whole() -> None:
    received = bytearray(b"250-one\r\n250 two\r\n354 go\r\n25")
    assert taken(received) == Reply(250, b"one\ntwo")
    assert taken(received) == Reply(354, b"go")
    assert taken(received) is None
    received += b"0\r\nHTTP/1.1 400\r\n"
    assert taken(received) == Reply(250, b"")
    assert taken(received) == Reply(-1, b"/1.1 400")


@pytest.mark.fault("F29")
def test_when_the_name_service_fails_the_last_good_addresses_are_used() -> None:
    answers: list[list[str] | OSError] = [["127.0.0.1"], OSError("no answer"), ["127.0.0.2"]]

    def lookup(host: str, port: int) -> list[str]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    book = AddressBook("relay.example", 25, lookup)
    assert [book.addresses(5) for _ in range(3)] == [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]]


@pytest.mark.fault("F29")
def test_a_slow_name_service_does_not_hold_a_sender() -> None:
    answered = Event()
    slow = iter([False, True])

    def lookup(host: str, port: int) -> list[str]:
        if next(slow):
            answered.wait(10)
        return ["127.0.0.1"]

    book = AddressBook("relay.example", 25, lookup)
    assert book.addresses(5) == ["127.0.0.1"]
    assert book.addresses(0.05) == ["127.0.0.1"]
    answered.set()


@pytest.mark.fault("F29")
def test_a_name_service_that_never_knew_the_host_is_an_error() -> None:
    def lookup(host: str, port: int) -> list[str]:
        raise OSError("no answer")

    with pytest.raises(OSError, match="no answer"):
        AddressBook("relay.example", 25, lookup).addresses(5)


@pytest.mark.fault("F29")
def test_a_host_that_cannot_be_a_name_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="no host name"):
        AddressBook("a" * 70 + ".example", 25).addresses(5)
