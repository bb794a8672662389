"""Charsets that are wrong, missing or lie, in bodies, headers and file names."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading
from ingestd.parsing.charset import decoded
from tests.unit.parsing.mails import ORDER, is_the_order, mail, part, several

Email = Callable[[bytes], Reading]
TRADITIONAL = (
    "發貨人：呂哲 13605876300 高雄市三民區建國路7號,水泵電機28台,收貨人:歐陽鎔 13973405500 到付,請安排車輛,謝謝"
)
LABELS = (
    "", "gb2312", "GBK", "gb18030", "x-gbk", "windows-936", "cp20936", "big5", "utf-8", "utf8mb4", "us-ascii",
    "DEFAULT", "unknown-8bit", "iso-8859-1", "windows-1252", "windows-1251", "shift_jis", "euc-kr", "x-nonsense",
    '"gb2312"',
)  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_simplified_chinese_is_decoded_under_any_label(label: str, codec: str) -> None:
    assert decoded(ORDER.encode(codec), label) == ORDER


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "big5", "big5hkscs"])
def test_traditional_chinese_is_decoded_under_any_label(label: str, codec: str) -> None:
    assert decoded(TRADITIONAL.encode(codec), label) == TRADITIONAL


@pytest.mark.parametrize("text", ["发货", "发货单", "王强", "吕喆订货", "报关", "联通", "测试", "订单号 8801"])
def test_a_word_or_two_without_a_label_is_simplified_chinese(text: str) -> None:
    assert decoded(text.encode("gb18030")) == text
    assert decoded(text.encode("utf-8")) == text


@pytest.mark.parametrize(("label", "text"), [("big5", "訂單"), ("big5", "發貨"), ("shift_jis", "発送")])
def test_a_word_or_two_is_what_its_label_says(label: str, text: str) -> None:
    assert decoded(text.encode(label), label) == text


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        ("订单".encode("hz"), "us-ascii", "订单"),
        ("订单".encode("hz"), "hz-gb-2312", "订单"),
        (b"5~{ is no Chinese", "", "5~{ is no Chinese"),
        ("订单".encode("utf-7"), "utf-7", "订单"),
        ("订单".encode("utf-7"), "unicode-1-1-utf-7", "订单"),
        (b"2+3-1 = 4", "us-ascii", "2+3-1 = 4"),
        (ORDER.encode("utf-16"), "utf-16", ORDER),
        (ORDER.encode("utf-16-le"), "utf-16", ORDER),
        (ORDER.encode("utf-16-le"), "", ORDER),
        (ORDER.encode("utf-16-be"), "us-ascii", ORDER),
        (b"\xef\xbb\xbf" + "订单".encode(), "gb2312", "订单"),
        ("收货人镕喆€".encode("gb18030"), "gb2312", "收货人镕喆€"),
        ("Ünïcode café".encode("latin-1"), "iso-8859-1", "Ünïcode café"),
    ],
)
def test_seven_bit_wide_and_marked_texts_are_decoded(raw: bytes, label: str, text: str) -> None:
    assert decoded(raw, label) == text


def test_a_body_with_a_footer_in_another_encoding_is_decoded_line_by_line() -> None:
    assert decoded(ORDER.encode("gbk") + "本邮件仅供收件人使用".encode(), "gb2312") == ORDER + "本邮件仅供收件人使用"


def test_one_broken_character_spoils_no_other_line() -> None:
    raw = ORDER.encode().replace("衡阳".encode(), "衡阳".encode()[:-1])
    assert decoded(raw, "utf-8").split("\n")[5:] == ORDER.split("\n")[5:]
    assert "\ufffd" in decoded(raw, "utf-8").split("\n")[4]


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_text_once_taken_for_latin_letters_is_mended(codec: str) -> None:
    assert decoded(ORDER.encode(codec).decode("latin-1").encode(), "utf-8") == ORDER


@pytest.mark.parametrize(
    ("label", "codec"),
    [("gb2312", "gb18030"), ("", "gbk"), ("big5", "gbk"), ("iso-8859-1", "gbk"), ("gb2312", "utf-8"), ("", "utf-16")],
)
@pytest.mark.parametrize("coding", ["8bit", "base64", "quoted-printable"])
def test_an_order_is_read_in_each_coding_and_under_each_label(
    label: str, codec: str, coding: str, email: Email
) -> None:
    raw = ORDER.encode(codec)
    coded = {"8bit": raw, "base64": base64.encodebytes(raw), "quoted-printable": quopri.encodestring(raw)}[coding]
    kind = f"text/plain; charset={label}" if label else "text/plain"
    assert is_the_order(email(mail(coded, kind, coding)))


def test_html_in_another_charset_than_the_mail_says_is_read(email: Email) -> None:
    page = "<html><head><meta charset='gb2312'></head><body>" + ORDER.replace("\n", "<br>") + "</body></html>"
    for label in ("", "; charset=utf-8", "; charset=us-ascii"):
        assert is_the_order(email(mail(page.encode("gb18030"), f"text/html{label}")))


def words(raw: bytes, label: str, cuts: tuple[int, ...], coding: str = "B") -> str:
    """Encoded words cut at given bytes."""
    pieces = [raw[a:b] for a, b in zip((0, *cuts), (*cuts, len(raw)), strict=True)]
    if coding == "Q":
        return "\r\n ".join(f"=?{label}?Q?{''.join(f'={b:02X}' for b in p)}?=" for p in pieces)
    return "\r\n ".join(f"=?{label}?B?{base64.b64encode(p).decode()}?=" for p in pieces)


def cut_base64(raw: bytes, label: str) -> str:
    """Encoded words whose base64 is cut where the line is full, inside a group of four."""
    packed = base64.b64encode(raw).decode()
    return f"=?{label}?B?{packed[:7]}?=\r\n =?{label}?B?{packed[7:13]}?=\r\n =?{label}?B?{packed[13:]}?="


SUBJECT = "紧急：发货订单3票 镕喆"
GB = SUBJECT.encode("gb18030")


@pytest.mark.parametrize(
    "raw",
    [
        words(GB, "gb2312", ()), words(GB, "gb2312", (3, 8)), words(GB, "GB2312", (5,), "Q"),
        words(SUBJECT.encode(), "utf-8", (4, 11)), words(SUBJECT.encode(), "UTF-8", (1, 2, 7), "Q"),
        words(GB, "utf-8", ()), words(SUBJECT.encode(), "gb2312", (10,)), words(GB, "unknown-8bit", (4,)),
        words(GB, "x-gbk", ()), words(GB, "gb18030*zh-CN", ()), cut_base64(GB, "gb2312"),
        cut_base64(SUBJECT.encode(), "utf-8"),
    ],
)  # fmt: skip
def test_a_subject_of_encoded_words_is_whole(raw: str, email: Email) -> None:
    assert email(mail(b"x", Subject=raw)).envelope.subject == SUBJECT


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "utf-8", "big5"])
def test_a_raw_eight_bit_subject_is_decoded(codec: str, email: Email) -> None:
    text = "訂單：請安排提貨" if codec == "big5" else "发货订单3票"
    raw = mail(b"x").replace(b"To: ", b"Subject: " + text.encode(codec) + b"\r\nTo: ", 1)
    assert email(raw).envelope.subject == text


NAME = "发货单(镕喆).csv"


@pytest.mark.parametrize(
    "header",
    [
        "attachment; filename*=utf-8''%E5%8F%91%E8%B4%A7%E5%8D%95%28%E9%95%95%E5%96%86%29.csv",
        "attachment; filename*0*=utf-8''%E5%8F%91%E8%B4;\r\n filename*1*=%A7%E5%8D%95%28%E9%95%95%E5%96%86;\r\n"
        ' filename*2=").csv"',
        "attachment; filename*=gb18030''" + "".join(f"%{b:02X}" for b in NAME.encode("gb18030")),
        "attachment; filename*=gb2312''" + "".join(f"%{b:02X}" for b in NAME.encode("gb18030")),
        f'attachment; filename="{words(NAME.encode("gb18030"), "gb2312", (5,))}"',
        f"attachment; filename={words(NAME.encode(), 'utf-8', ())}",
    ],
)
def test_a_files_name_is_decoded_however_it_is_written(header: str, email: Email) -> None:
    (file,) = email(several(part(b"a,b", "text/csv", Content_Disposition=header))).envelope.attachments
    assert file.name == NAME


def test_a_files_raw_name_is_decoded(email: Email) -> None:
    raw = several(part(b"a,b", "text/csv", Content_Disposition='attachment; filename="@@"'))
    for codec in ("gb18030", "utf-8"):
        (file,) = email(raw.replace(b"@@", NAME.encode(codec))).envelope.attachments
        assert file.name == NAME


@pytest.mark.parametrize("text", ["in charge: Mr. Lü Gang", "Ms. Nǚ Lǜ, 2 skids"])
def test_letters_of_pinyin_among_english_are_as_their_label_says(text: str) -> None:
    assert decoded(text.encode("gb2312"), "gb2312") == text
