"""The final bytes of a mail: what mail programs read from it, and what no value can break."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import mailparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.composing.composer import Composer, Letter
from ingestd.composing.mail import Headers, mail, readdressed
from ingestd.domain.reading import Attachment
from tests.unit.composing.orders import EXAMPLE, NOON, view

LETTER = Letter("业务单 260310221", "第一行\n第二行\n", "<p>第一行</p>\n")
HEADERS = Headers(
    sender="orders@shunchi.example",
    recipient="li@fleet.example",
    message_id="k7f3@shunchi.example",
    date=NOON,
    sender_name="顺驰物流有限公司",
    mark="m4rk",
)
PDF = Attachment("进仓单.pdf", "application/pdf", 6, b"YWJjZGVm\r\n")


def read(whole: bytes) -> EmailMessage:
    message = message_from_bytes(whole, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(whole: bytes, kind: str) -> str:
    part = read(whole).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_text_and_html_arrive_as_written() -> None:
    whole = mail(LETTER, HEADERS)
    assert body(whole, "plain") == LETTER.text
    assert body(whole, "html") == LETTER.html
    assert read(whole)["Subject"] == LETTER.subject
    assert read(whole)["From"] == "顺驰物流有限公司 <orders@shunchi.example>"
    assert read(whole)["Date"].datetime == NOON


def test_every_line_ends_in_crlf_and_is_short_and_ascii(composer: Composer) -> None:
    letter = replace(composer.work_order(view(EXAMPLE), "zh"), attachments=(PDF,), subject="业务单" * 60)
    lines = mail(letter, HEADERS).split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert max(map(len, lines)) <= 76
    assert all(line.isascii() for line in lines)


def test_a_mail_without_html_is_one_part() -> None:
    whole = mail(Letter("subject", "text\n"), HEADERS)
    assert read(whole).get_content_type() == "text/plain"


def test_an_answer_says_that_a_machine_replied_and_to_what() -> None:
    answer = replace(
        HEADERS, automatic="auto-replied", in_reply_to="a@b.example", references=("x@b.example", "a@b.example")
    )
    message = read(mail(LETTER, answer))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<a@b.example>"
    assert message["References"].split() == ["<x@b.example>", "<a@b.example>"]
    assert message["X-Ingestd"] == "m4rk"
    assert read(mail(LETTER, HEADERS))["Auto-Submitted"] == "auto-generated"


def test_a_token_closes_the_subject() -> None:
    message = read(mail(LETTER, replace(HEADERS, subject_token="abc123")))
    assert message["Subject"] == "业务单 260310221 [abc123]"


@pytest.mark.parametrize(
    "name", ["进仓单.pdf", "深圳盐田港国际集装箱码头" * 9 + ".xlsx", "plain.pdf", 'a"b\\c.pdf', "𠮷.txt"]
)
def test_a_file_name_is_read_back_by_two_readers(name: str) -> None:
    whole = mail(replace(LETTER, attachments=(replace(PDF, name=name),)), HEADERS)
    [part] = read(whole).iter_attachments()
    assert part.get_filename() == name
    assert part.get_content() == b"abcdef"
    [attachment] = mailparser.parse_from_bytes(whole).attachments
    assert attachment["filename"] == name


def test_programs_that_know_only_ascii_names_get_one_with_the_extension() -> None:
    whole = mail(replace(LETTER, attachments=(PDF,)), HEADERS)
    assert b'name="attachment-1.pdf"' in whole


def test_an_enclosed_mail_travels_as_plain_bytes() -> None:
    whole = mail(replace(LETTER, attachments=(replace(PDF, content_type="message/rfc822"),)), HEADERS)
    assert [p.get_content_type() for p in read(whole).iter_attachments()] == ["application/octet-stream"]


def test_many_attachments_keep_their_order_and_bytes() -> None:
    files = tuple(
        Attachment(f"{n}.bin", "application/octet-stream", 1000, encodebytes(bytes([n]) * 1000).replace(b"\n", b"\r\n"))
        for n in range(5)
    )
    whole = mail(replace(LETTER, attachments=files), HEADERS)
    assert [p.get_content() for p in read(whole).iter_attachments()] == [bytes([n]) * 1000 for n in range(5)]
    assert body(whole, "html") == LETTER.html


HOSTILE = st.text(st.sampled_from('ab@<>;:"(),\\ \r\n\t\x00\x0b\x0c\x85\u2028\u2029\u202e单𠮷=?_\ud800'), max_size=40)


@settings(max_examples=200)
@given(subject=HOSTILE, name=HOSTILE, address=HOSTILE, ident=HOSTILE, mark=HOSTILE)
def test_no_value_makes_a_header_of_its_own(subject: str, name: str, address: str, ident: str, mark: str) -> None:
    hostile = Headers(
        address,
        address,
        f"{ident}x",
        NOON,
        name,
        ident,
        (ident, ident),
        mark=mark,
        subject_token=mark,
        reply_to=address,
    )
    files = (replace(PDF, name=subject, content_type=name),)
    whole = mail(Letter(subject, subject, name, files), hostile)
    header = whole.partition(b"\r\n\r\n")[0].split(b"\r\n")
    allowed = (
        *(
            b"From: ",
            b"To: ",
            b"Reply-To: ",
            b"Subject: ",
            b"Date: ",
            b"Message-ID: <",
            b"In-Reply-To: <",
            b"References: <",
        ),
        *(b"Auto-Submitted: auto-generated", b"X-Auto-Response-Suppress: ", b"X-Ingestd: ", b"MIME-Version: 1.0"),
        *(b"Content-Type: multipart/mixed;", b" "),
    )
    assert all(line.startswith(allowed) for line in header)
    assert all(b"\r" not in line and b"\n" not in line for line in whole.split(b"\r\n"))
    kinds = [part.get_content_type() for part in read(whole).walk()]
    assert kinds[:4] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]
    assert len(kinds) == 5


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_subject_stays_in_the_subject(break_: str) -> None:
    message = read(mail(replace(LETTER, subject=f"业务单{break_}Bcc: x@evil.example"), HEADERS))
    assert message["Bcc"] is None
    assert message["Subject"] == "业务单 Bcc: x@evil.example"


def test_a_subject_that_looks_encoded_is_shown_as_written() -> None:
    assert read(mail(replace(LETTER, subject="=?utf-8?B?YQ==?="), HEADERS))["Subject"] == "=?utf-8?B?YQ==?="


def test_text_that_looks_like_a_boundary_ends_no_part() -> None:
    boundary = mail(LETTER, HEADERS).split(b'boundary="')[1].split(b'"')[0].decode()
    text = f"--{boundary}\n--{boundary}--\n"
    assert body(mail(replace(LETTER, text=text), HEADERS), "plain") == text


def test_a_long_thread_keeps_its_first_and_latest_references() -> None:
    thread = tuple(f"{n}@b.example" for n in range(60))
    references = read(mail(LETTER, replace(HEADERS, references=thread)))["References"].split()
    assert references[0] == "<0@b.example>"
    assert references[-1] == "<59@b.example>"
    assert len(references) == 20


def test_a_domain_in_chinese_is_written_in_its_ascii_form() -> None:
    assert read(mail(LETTER, replace(HEADERS, recipient="li@物流.example")))["To"] == "li@xn--qzwx3i.example"


def test_the_same_values_make_the_same_bytes() -> None:
    assert mail(LETTER, HEADERS) == mail(LETTER, HEADERS)


def test_a_readdressed_mail_differs_in_recipient_and_id_only() -> None:
    letter = replace(LETTER, text="To: nobody\nMessage-ID: <none>\n")
    fresh = readdressed(mail(letter, HEADERS), "zhao@fleet.example", "other@shunchi.example")
    message = read(fresh)
    assert (message["To"], message["Message-ID"]) == ("zhao@fleet.example", "<other@shunchi.example>")
    assert body(fresh, "plain") == letter.text
    unchanged = [line for line in mail(letter, HEADERS).split(b"\r\n") if line not in fresh.split(b"\r\n")]
    assert unchanged == [b"To: li@fleet.example", b"Message-ID: <k7f3@shunchi.example>"]


def test_encoded_words_never_tear_a_character() -> None:
    subject = "𠮷a" * 100
    raw = mail(replace(LETTER, subject=subject), HEADERS)
    assert read(raw)["Subject"] == subject
    assert b64encode("𠮷".encode())[:4] in raw


def test_dates_are_those_of_the_zone_that_was_given() -> None:
    assert b"Date: Tue, 10 Mar 2026 12:00:00 +0800\r\n" in mail(LETTER, HEADERS)
    assert isinstance(HEADERS.date, datetime)
