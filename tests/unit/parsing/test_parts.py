"""The parts of a mail: alternatives, enclosed mails, packages, signatures, broken frames."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from ingestd.domain.reading import Intent, Reading
from tests.unit.parsing.made_files import in_rich, squeezed, tnef
from tests.unit.parsing.mails import (
    HEAD,
    ORDER,
    ROW,
    file,
    holder,
    html,
    is_for_a_person,
    is_the_order,
    mail,
    nested,
    part,
    several,
    targets,
)

Email = Callable[[bytes], Reading]
HTML = "text/html; charset=utf-8"
OTHER = ORDER.replace("28台", "82台")
CSV = ",".join(HEAD) + "\n" + ",".join(map(str, ROW))
STUB = "您的邮件客户端不支持HTML格式,请用网页查看。客服电话4008001234"


def plain_part(text: str) -> bytes:
    return part(text.encode())


def html_part(text: str) -> bytes:
    return part(html(text).encode(), HTML)


@pytest.mark.parametrize(
    "raw",
    [
        several(plain_part(STUB), html_part(ORDER), kind="alternative"),
        several(plain_part(""), html_part(ORDER), kind="alternative"),
        several(html_part(STUB), plain_part(ORDER), kind="alternative"),
        several(plain_part(ORDER), html_part(ORDER), kind="alternative"),
        several(nested("alternative", plain_part(STUB), html_part(ORDER)), file(b"x", "a.bin")),
        several(
            plain_part(STUB),
            nested("related", html_part(ORDER), part(b"GIF89a", "image/gif", Content_ID="<x>")),
            kind="alternative",
        ),
        several(plain_part(ORDER), html_part(ORDER)),
        several(html_part("您好\n" + ORDER), plain_part(ORDER)),
        several(
            plain_part(ORDER.replace("28台", "90台28台")),
            part(html(ORDER.replace("28台", "<s>90台</s>28台")).encode(), HTML),
            kind="alternative",
        ),
        several(
            plain_part("".join(f"{i}. {line}\n" for i, line in enumerate(ORDER.split("\n")[:-1], 1))),
            part(("<ol><li>" + "<li>".join(ORDER.split("\n")[:-1]) + "</ol>").encode(), HTML),
            kind="alternative",
        ),
    ],
    ids=["stub", "empty", "stub of HTML", "same", "in mixed", "related", "side by side", "one within", "struck",
         "list"],
)  # fmt: skip
def test_what_is_said_twice_counts_once_and_the_fuller_part_counts(raw: bytes, email: Email) -> None:
    assert is_the_order(email(raw))


@pytest.mark.parametrize(
    "other",
    [
        OTHER,
        ORDER.replace("13973405500", "13973405511"),
        ORDER.replace("欧阳镕", "司马光"),
        ORDER.replace("700", "900"),
    ],
)
def test_alternatives_that_contradict_each_other_are_seen_by_a_person(other: str, email: Email) -> None:
    for pair in ((ORDER, other), (other, ORDER)):
        reading = email(several(plain_part(pair[0]), html_part(pair[1]), kind="alternative"))
        assert (reading.intent, reading.review[:1]) == (Intent.ORDER, ("conflicting_parts",))


def enclosed(text: str, coding: str = "7bit", head: str = "Content-Type: message/rfc822") -> bytes:
    """A mail as a part of another."""
    inner = mail(base64.encodebytes(text.encode()), coding="base64", Subject="x")
    if coding == "base64":
        return f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(inner)
    return f"{head}\r\n\r\n".encode() + inner


EML = (
    'Content-Type: application/octet-stream; name="order.eml"\r\nContent-Disposition: attachment; filename="order.eml"'
)
SECOND = ORDER.replace("欧阳镕", "许小姐").replace("衡阳", "义乌").replace("13973405500", "13957900466")


@pytest.mark.parametrize(
    "raw",
    [
        several(plain_part("转发,请安排"), enclosed(ORDER)),
        several(plain_part(""), enclosed(ORDER)),
        several(enclosed(ORDER)),
        several(plain_part(""), enclosed(ORDER, head="Content-Type: message/rfc822\r\nContent-Disposition: inline")),
        several(plain_part("见附件"), enclosed(ORDER, "base64")),
        several(plain_part("见附件"), enclosed(ORDER, "base64", EML)),
        mail(enclosed(ORDER).partition(b"\r\n\r\n")[2], "message/rfc822", "7bit"),
        several(plain_part("fyi"), b"Content-Type: message/rfc822\r\n\r\n" + several(enclosed(ORDER))),
        several(
            plain_part(""),
            b"Content-Type: message/rfc822\r\n\r\n" + several(file(CSV.encode(), "a.csv")),
        ),
    ],
    ids=["remark", "empty", "alone", "inline", "base64", "eml file", "whole mail", "twice", "with a file"],
)  # fmt: skip
def test_an_enclosed_mail_is_read_as_what_was_forwarded(raw: bytes, email: Email) -> None:
    assert is_the_order(email(raw))


def test_two_enclosed_mails_are_two_orders(email: Email) -> None:
    reading = email(several(plain_part("转发两单"), enclosed(ORDER), enclosed(SECOND)))
    assert targets(reading) == [("衡阳", 28), ("义乌", 28)]


GMAIL = """---------- Forwarded message ---------
发件人： 王强 <w@x.example>
Date: 2026年3月10日周二 09:00
Subject: 发货
To: <a@shipper.example>


"""
NETEASE = """-------- 转发邮件信息 --------
发件人："王强" <w@x.example>
发送日期：2026-03-10 09:00:00
收件人：a@shipper.example
主题：发货
"""
APPLE = """Begin forwarded message:

From: 王强 <w@x.example>
Date: March 10, 2026 at 09:00:00 GMT+8
To: a@shipper.example
Subject: 发货

"""


@pytest.mark.parametrize("head", [GMAIL, NETEASE, APPLE])
def test_an_inline_forward_is_read(head: str, email: Email) -> None:
    assert is_the_order(email(mail((head + ORDER).encode(), Subject="Fw: x")))


def in_unicode(text: str) -> bytes:
    """A text in the Unicode of Rich Text, numbers above 32767 being negative."""
    return "".join(
        f"\\u{ord(c) - 65536 * (ord(c) > 32767)}?" if ord(c) > 127 else c for c in text.replace("\n", "\\par ")
    ).encode()


RICH = (
    rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0 SimSun;}{\f1 Arial;}}{\colortbl;\red0\green0\blue0;}\uc1\pard\f0 "
    + b"\\par\r\n".join(map(in_rich, ORDER.split("\n")))
    + rb"{\strike 90\'cc\'a8}{\v hidden}}"
)
UNICODE = rb"{\rtf1\ansi\ansicpg1252\uc1 " + in_unicode(ORDER) + b"}"
WRAPPED = (
    rb"{\rtf1\ansi\ansicpg936\fromhtml1 {\*\htmltag64 <html><body>}"
    + b"".join(
        rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 " + in_rich(line) + rb"\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}"
        for line in ORDER.split("\n")
    )
    + rb"{\*\htmltag58 </body></html>}}"
)


@pytest.mark.parametrize(
    "package",
    [
        tnef(plain=ORDER.encode("gbk")),
        tnef(html=html(ORDER).encode("gbk")),
        tnef(rich=squeezed(RICH)),
        tnef(rich=squeezed(UNICODE)),
        tnef(rich=squeezed(WRAPPED)),
        tnef(files=[("发货明细.csv", CSV.encode("gbk"))]),
    ],
    ids=["text", "HTML", "rich text", "rich text in Unicode", "HTML in rich text", "file"],
)
def test_an_order_in_outlooks_package_is_read(package: bytes, email: Email) -> None:
    for kind in ("application/ms-tnef", "application/octet-stream"):
        attached = file(package, "winmail.dat", kind)
        assert is_the_order(email(several(plain_part(""), attached)))
        assert is_the_order(email(several(plain_part("见附件"), attached)))


def test_a_package_repeats_the_text_and_its_files_travel_on(email: Email) -> None:
    package = tnef(rich=squeezed(RICH), files=[("说明.bin", b"\x00\xff" * 9)])
    reading = email(several(plain_part(ORDER), file(package, "winmail.dat", "application/ms-tnef")))
    assert is_the_order(reading)
    assert [(f.name, f.size) for f in reading.envelope.attachments] == [("说明.bin", 18)]


@pytest.mark.parametrize(("cut", "whole"), [(3, True), (60, True), (200, False), (500, False), (10_000, False)])
def test_a_package_that_is_cut_off_is_read_as_far_as_it_is_whole(cut: int, whole: bool, email: Email) -> None:
    package = tnef(rich=squeezed(RICH), files=[("a.csv", b"x")])[:-cut]
    reading = email(several(plain_part("见附件"), file(package, "winmail.dat")))
    assert (is_the_order(reading), is_for_a_person(reading)) == (whole, not whole)


SIGNATURE = part(b"\x30\x80" + bytes(range(200)), 'application/pkcs7-signature; name="smime.p7s"')


def test_a_clear_signed_mail_is_read_and_its_signature_is_no_file(email: Email) -> None:
    head = 'signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    for inner in (plain_part(ORDER), nested("alternative", plain_part(STUB), html_part(ORDER))):
        reading = email(several(inner, SIGNATURE, kind=head))
        assert is_the_order(reading)
        assert reading.envelope.attachments == ()


def test_a_text_in_a_clear_signature_is_read(email: Email) -> None:
    head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    foot = "\n-----BEGIN PGP SIGNATURE-----\n\niQEz4AAB\n-----END PGP SIGNATURE-----\n"
    assert is_the_order(email(mail((head + ORDER + foot).encode())))


@pytest.mark.parametrize(
    "raw",
    [
        mail(
            base64.encodebytes(b"\x30\x80" + bytes(250)),
            'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
            "base64",
        ),
        several(
            part(b"Version: 1", "application/pgp-encrypted"),
            file(b"-----BEGIN PGP MESSAGE-----", "e.asc"),
            kind="encrypted",
        ),
    ],
)
def test_an_encrypted_mail_is_for_a_person(raw: bytes, email: Email) -> None:
    assert is_for_a_person(email(raw))


WHOLE = several(plain_part("您好"), html_part(ORDER)).replace(b"mixed", b"alternative")


@pytest.mark.parametrize(
    "raw",
    [
        WHOLE.replace(b"--=_b1--\r\n", b""),
        WHOLE.replace(b'boundary="=_b1"', b'boundary="=_other"'),
        WHOLE.replace(b'; boundary="=_b1"', b""),
        WHOLE.replace(b'boundary="=_b1"', b"boundary=_b1"),
        WHOLE.replace(b'multipart/alternative; boundary="=_b1"', b"text/plain"),
        WHOLE.replace(b'\r\n\r\n--=_b1', b'\r\n\r\nThis is a multi-part message in MIME format.\r\n\r\n--=_b1', 1),
        WHOLE.replace(b"\r\n", b"\n"),
        WHOLE.replace(b"\r\n--=_b1\r\n", b"\r\n--=_b1 \r\n"),
    ],
    ids=["no end", "wrong", "missing", "unquoted", "no multipart", "preamble", "LF", "space"],
)  # fmt: skip
def test_a_broken_frame_is_read_all_the_same(raw: bytes, email: Email) -> None:
    assert is_the_order(email(raw))


def test_text_that_breaks_off_is_read_and_seen_by_a_person(email: Email) -> None:
    packed, quoted = base64.encodebytes((ORDER + "\n谢谢" * 40).encode()), quopri.encodestring(ORDER.encode()) + b"\n=E"
    raws = (WHOLE[:-40], mail(packed[:-7], coding="base64"), mail(quoted, coding="quoted-printable"))
    for raw in raws:
        reading = email(raw)
        assert reading.review == ("cut_short",)
        assert is_the_order(replace(reading, review=()))


def test_base64_mixed_with_a_footer_is_decoded(email: Email) -> None:
    packed = base64.encodebytes((ORDER + "\n谢谢" * 40).encode())
    assert is_the_order(email(mail(packed + b"\r\n-- sent through a list: unsubscribe\r\n", coding="base64")))


@pytest.mark.parametrize("delete_space", [False, True])
def test_flowed_text_is_joined(delete_space: bool, email: Email) -> None:
    cut = "沈岙工业区"
    text = ORDER.replace(cut, cut[:2] + " \n" + cut[2:]) if delete_space else ORDER.replace("\n发往", "\n 发往")
    text += "\n-- \n吕喆\n销售部\n"
    kind = "text/plain; charset=utf-8; format=flowed" + ("; delsp=yes" if delete_space else "")
    assert is_the_order(email(mail(text.encode(), kind)))


def test_words_of_flowed_text_keep_their_space(email: Email) -> None:
    text = "Shipper: Wang Qiang 13800138000\nRemarks: please call the warehouse \nbefore you come\n"
    reading = email(mail(text.encode(), "text/plain; charset=us-ascii; format=flowed"))
    assert "call the warehouse before you come" in reading.text


def test_nul_bytes_and_direction_marks_are_dropped_everywhere(email: Email) -> None:
    spoilt = (
        ORDER.replace("吕喆", "吕\x00喆\u202e").replace("欧阳镕", "欧\u200b阳\u2066镕").replace("13973", "139\u200e73")
    )
    assert is_the_order(email(mail(spoilt.encode())))
    assert is_the_order(email(mail(html(spoilt).encode(), HTML)))
    assert is_the_order(email(several(plain_part(STUB), html_part(spoilt), kind="alternative")))


def test_a_mail_that_pythons_own_library_makes_is_read(email: Email) -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@shipper.example", "order@desk.example", "发货"
    made["Date"] = "Tue, 10 Mar 2026 10:02:03 +0800"
    made.set_content(ORDER, cte="base64")
    made.add_alternative(html(ORDER), subtype="html")
    made.add_attachment(b"%PNG", maintype="image", subtype="png", filename="照片.png")
    reading = email(made.as_bytes())
    assert is_the_order(reading)
    assert [f.name for f in reading.envelope.attachments] == ["照片.png"]


def test_a_tab_separated_paste_is_read(email: Email) -> None:
    rows = "\n".join("\t".join(map(str, row)) for row in (HEAD, ROW))
    assert is_the_order(email(mail(f"您好,今天的货:\n\n{rows}\n\n谢谢".encode())))
    pairs = "\n".join("\t".join((str(a), str(b))) for a, b in zip(HEAD, ROW, strict=True))
    assert is_the_order(email(mail(pairs.encode())))


def test_a_holder_of_nothing_is_nothing(email: Email) -> None:
    assert email(mail(holder(), 'multipart/mixed; boundary="=_b1"')).orders == ()
