"""Mails and files made to hang or fill a reader: each ends soon, with a reading or a clear refusal."""

from __future__ import annotations

import base64
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading
from ingestd.parsing import limits, markup, rich, tnef
from ingestd.parsing.charset import decoded
from ingestd.parsing.files import text_of_file
from tests.unit.parsing.made_files import attribute, framed, properties, record, stream
from tests.unit.parsing.mails import ORDER, file, html, is_for_a_person, is_the_order, mail, part, several

Email = Callable[[bytes], Reading]
BOUND = 3.0  # seconds of one processor; each takes a fraction of one where nobody else works


@pytest.fixture
def soon() -> object:
    start = time.process_time()
    yield
    assert time.process_time() - start < BOUND


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"


def sheet(rows: bytes) -> bytes:
    """A spreadsheet's XML."""
    return b"<worksheet " + SPACE + b"><sheetData>" + rows + b"</sheetData></worksheet>"


def cell(place: str, text: str) -> bytes:
    """A cell."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


WORD_SPACE = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def document(body: bytes) -> bytes:
    """A document."""
    return zipped({"word/document.xml": b"<w:document " + WORD_SPACE + b"><w:body>" + body + b"</w:body></w:document>"})


def lying_size(raw: bytes) -> bytes:
    """A zip whose directory says that its members are small."""
    at = raw.rindex(b"PK\x01\x02")
    return raw[: at + 24] + struct.pack("<I", 100) + raw[at + 28 :]


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20)
) + b"]><worksheet>&u;</worksheet>"  # fmt: skip
BOMB = sheet(b"<row><c><v>1</v></c></row>" * 2_000_000)
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"

FILES = {
    "sheet of 52 MB": zipped({SHEET: BOMB}),
    "sheet of 15 MB": zipped({SHEET: BOMB[:15_000_000], "pad": bytes(range(256)) * 400}),
    "sheet that lies about its size": lying_size(zipped({SHEET: BOMB})),
    "zeros": zipped({SHEET: b"0" * 300_000_000}),
    "10,000 members": zipped({f"xl/worksheets/sheet{i}.xml": b"<x/>" for i in range(10_000)}),
    "entities": zipped({SHEET: LAUGHS}),
    "entities in UTF-16": zipped({SHEET: LAUGHS.decode().encode("utf-16")}),
    "wide row": zipped({SHEET: sheet(b"<row>" + b"<c><v>1</v></c>" * 500_000), "pad": bytes(range(256)) * 200}),
    "deep XML": zipped({SHEET: sheet(b"<a>" * 100_000)}),
    "deep document": document(b"<w:sdt><w:sdtContent>" * 20_000),
    "tables in tables": document(b"<w:tbl><w:tr><w:tc>" * 2_000 + b"</w:tc></w:tr></w:tbl>" * 2_000),
    "deep run": document(b"<w:p>" + b"<w:smartTag>" * 50_000 + b"</w:smartTag>" * 50_000 + b"</w:p>"),
    "long document": document(b"<w:p><w:r><w:t>1</w:t></w:r></w:p>" * 300_000),
    "PDF bomb": framed([CATALOG, b"<</Kids[3 0 R]/Count 1>>", PAGE, stream(b"(" * 200_000_000)]),
    "PDF of operators": framed([CATALOG, b"<</Kids[3 0 R]/Count 1>>", PAGE, stream(b"q " * 2_000_000)]),
    "PDF of texts": framed([CATALOG, b"<</Kids[3 0 R]/Count 1>>", PAGE, stream(b"BT /F 9 Tf (1) Tj ET " * 300_000)]),
    "PDF in a circle": framed([CATALOG, b"<</Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>", PAGE, stream(b"")]),
    "PDF of pages": framed([CATALOG, b"<</Kids[" + b"3 0 R " * 100_000 + b"]/Count 100000>>", PAGE, stream(b"")]),
    "PDF of nothing": b"%PDF-1.7\n" + b"1 0 obj<<" * 200_000,
    "PDF deep": b"%PDF-1.7\n1 0 obj" + b"[" * 200_000,
    "rich text of braces": b"{\\rtf1" + b"{" * 1_000_000,
    "rich text of words": b"{\\rtf1" + b"\\b" * 1_000_000,
    "rich text of bytes": b"{\\rtf1" + b"\\'d6{}" * 300_000,
    "old workbook of records": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + record(0x809, b"\0" * 16) * 100_000,
    "values on one line": b"1," * 500_000,
    "values in quotes": b'"' * 500_001,
    "values of nothing": b"\n" * 1_000_000,
    "HTML of tables": b"<table><tr><td>" * 50_000,
}  # fmt: skip


@pytest.mark.bad_input("B22", "B23")
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_soon(name: str, soon: None) -> None:
    text_of_file("a.csv", "application/octet-stream", FILES[name])


@pytest.mark.parametrize(
    "name",
    [
        "sheet of 52 MB",
        "sheet that lies about its size",
        "zeros",
        "entities",
        "entities in UTF-16",
        "deep XML",
        "PDF bomb",
    ],
)
def test_a_bomb_is_refused_and_a_person_told(name: str, email: Email, soon: None) -> None:
    assert is_for_a_person(email(several(part(b""), file(FILES[name], "order.xlsx"))))


def test_far_cells_are_left_out_and_the_order_is_read(email: Email, soon: None) -> None:
    lines = [text.split("：") for text in ORDER.strip().split("\n")]
    rows = b"".join(
        f'<row r="{i}">'.encode() + cell(f"A{i}", label) + cell(f"B{i}", value) + cell(f"XFD{i}", "9999件") + b"</row>"
        for i, (label, value) in enumerate(lines, 1)
    )
    rows += b'<row r="1048576">' + cell("XFD1048576", "9999件") + b"</row>"
    assert is_the_order(email(several(part(b""), file(zipped({SHEET: sheet(rows)}), "order.xlsx"))))


DEEP = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(2000))
MANY = b"--=_b1\r\n\r\nx\r\n" * 100_000
TYPED = MANY.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n")
PIECES = "".join(f";\r\n filename*{i}*=%41" for i in range(900))

MAILS = {
    "2,000 deep": b"From: a@b.example\r\n" + DEEP + b"\r\nx",
    "2,000 enclosed": b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"x",
    "100,000 parts": mail(MANY, 'multipart/mixed; boundary="=_b1"'),
    "100,000 parts of another boundary": mail(TYPED, 'multipart/mixed; boundary="x"'),
    "100,000 parts in an encoded mail": several(
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(mail(MANY, 'multipart/mixed; boundary="=_b1"'))
    ),
    "1 MB of one header": mail(b"x", Subject="x" * 1_000_000),
    "60 KB of encoded words": mail(b"x", Subject="\r\n ".join(["=?gb2312?B?1tA=?="] * 3000)),
    "encoded words that do not end": mail(b"x", Subject="=?" * 20_000),
    "900 pieces of a name": several(
        part(b"x", "application/pdf", Content_Disposition="attachment" + PIECES)
    ),
    "900 recipients": mail(b"x", To=",\r\n ".join(f'"王{i}" <a{i}@x.example>' for i in range(900))),
    "1 MB on one line": mail(b"a1" * 500_000),
    "1 MB of Chinese on one line": mail("货1".encode("gbk") * 350_000, "text/plain; charset=gb2312"),
    "50,000 blank lines": mail(b"\r\n" * 50_000 + ORDER.encode()),
    "50,000 digits": mail(b"1" * 50_000),
    "50,000 lines of two charsets": mail(("货\n".encode("gbk") + "货\n".encode()) * 25_000),
    "200,000 comments": mail(b"<!--" * 200_000, "text/html"),
    "2,000 deep HTML": mail(b"<div><table><tr><td>" * 2_000 + b"x", "text/html"),
    "2,000 deep lists": mail(b"<ul><li><blockquote type=cite>" * 2_000 + b"x", "text/html"),
    "1 MB of styles": mail(b"<style>" + b".a{" * 300_000 + b"</style>x", "text/html"),
    "100,000 cells": mail(b"<table><tr>" + b"<td rowspan=9999 colspan=9999>1</td>" * 100_000, "text/html"),
    "30,000 rows": mail(b"<table>" + b"<tr><td>1</td><td>2</td></tr>" * 30_000, "text/html"),
    "1 MB of base64 that is none": mail(b"=" * 1_000_000, coding="base64"),
    "1 MB of quoted-printable": mail(b"=\r\n" * 300_000, coding="quoted-printable"),
    "1 MB of zero bytes": mail(b"\0" * 1_000_000),
    "100,000 dashes": mail(b"--\r\n" * 100_000),
    "signed without end": mail(b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 20_000 + b"-----BEGIN PGP SIGNATURE-----"),
    "flowed": mail(b"a \n" * 200_000, "text/plain; format=flowed; delsp=yes"),
    "HZ that does not end": mail(b"~{" * 200_000),
}  # fmt: skip


@pytest.mark.bad_input("B81")
@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_ends_soon(name: str, email: Email, soon: None) -> None:
    email(MAILS[name])


@pytest.mark.parametrize("name", ["2,000 deep", "2,000 enclosed", "100,000 parts", "1 MB of one header"])
def test_what_is_too_deep_too_many_or_too_long_is_refused(name: str, email: Email) -> None:
    assert limits.refuse(MAILS[name])
    assert is_for_a_person(email(MAILS[name]))


def test_an_order_behind_a_flood_is_still_found(email: Email) -> None:
    assert is_the_order(email(MAILS["50,000 blank lines"]))
    assert is_the_order(email(mail(b"<div>" * 2_000 + html(ORDER).encode(), "text/html")))
    assert is_the_order(email(mail(b"<!-- x -->" * 2_000 + html(ORDER).encode(), "text/html")))


BLANK = struct.pack("<II4sI", 0, 0xFFFFFFFF, b"LZFu", 0)

PACKAGES = {
    "many attributes": struct.pack("<IH", 0x223E9F78, 1) + attribute(2, 0x00069002, b"") * 100_000,
    "many properties": struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069003, b"\xff" * 1_000_000),
    "named properties": struct.pack("<IH", 0x223E9F78, 1)
    + attribute(1, 0x00069003, struct.pack("<IHH16sII", 0xFFFFFFFF, 0x1E, 0x8001, b"", 1, 0xFFFFFFFF)),
    "many values": struct.pack("<IH", 0x223E9F78, 1)
    + attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x101E, 0x1000, 0xFFFFFFFF) + b"\0" * 1_000_000),
    "length of all": struct.pack("<IHBII", 0x223E9F78, 1, 1, 0x0002800C, 0xFFFFFFFF) + b"x" * 1000,
    "endless rich text": struct.pack("<IH", 0x223E9F78, 1)
    + attribute(1, 0x00069003, properties([(0x10090102, BLANK + (b"\xff" + b"\x00\x0f" * 8) * 60_000)])),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_hostile_package_ends_soon(name: str, email: Email, soon: None) -> None:
    tnef.unpacked(PACKAGES[name])
    email(several(part(b""), file(PACKAGES[name], "winmail.dat", "application/ms-tnef")))


def test_what_a_text_can_grow_to_is_bounded(soon: None) -> None:
    assert len(tnef.decompressed(BLANK + (b"\xff" + b"\x00\x0f" * 8) * 60_000)) <= tnef.MAX_RICH + 200
    assert len(rich.text(b"{\\rtf1" + b"x" * 4_000_000)) <= 4_100_000
    assert len(text_of_file("a.csv", "", b"1,2\n" * 500_000) or "") <= 200_000
    assert markup.lines_of("<td>" * 300_000 + "x") is not None
    assert zlib.crc32(decoded(b"\x81" * 1_000_000).encode("utf-8", "replace")) >= 0
