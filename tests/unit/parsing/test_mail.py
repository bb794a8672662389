"""Emails of every make: charsets, parts, HTML, quoting, headers, machines, hostile bytes."""

from __future__ import annotations

import base64
import io
import quopri
import time
import zipfile
from collections.abc import Callable

import pytest

from ingestd.domain.reading import Channel, Intent, Reading
from ingestd.parsing import limits, markup
from ingestd.parsing.charset import decoded
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read

ORDER = (
    "发货人：吕喆\n联系方式：13605876300\n货物状况：水泵电机 28台、1.4方、700公斤\n"
    "提货地址：台州市温岭市大溪镇沈岙工业区泽丰路7号\n"
    "发往：衡阳\n收货人：欧阳镕\n联系方式：13973405500\n付费方式：提付\n"
)
Email = Callable[[bytes], Reading]


def mail(body: bytes, kind: str = "text/plain; charset=utf-8", coding: str = "8bit", **headers: str) -> bytes:
    """A mail of one part."""
    lines = {"From": "a@shipper.example", "To": "order@desk.example", "Date": "Tue, 10 Mar 2026 10:02:03 +0800"}
    lines |= {k.replace("_", "-"): v for k, v in headers.items()}
    head = "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    return f"{head}Content-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n".encode() + body


def is_the_order(reading: Reading) -> bool:
    """Whether the order is read in all that matters."""
    if reading.intent is not Intent.ORDER or reading.problems or reading.review:
        return False
    (order,) = reading.orders
    return (order.shipper.name, order.consignee.name, order.pickup.address) == (
        "吕喆", "欧阳镕", "台州市温岭市大溪镇沈岙工业区泽丰路7号",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gb18030"), ("gbk", "gb18030"), ("x-gbk", "gb18030"), ("windows-936", "gb18030"),
        ("utf-8", "gb18030"),
        ("gb2312", "utf-8"), ("us-ascii", "utf-8"), ("unknown-8bit", "gb18030"), ("", "gb18030"), ("DEFAULT", "utf-8"),
        ("iso-8859-1", "gb18030"), ("utf-16", "utf-16"), ("gb18030", "gb18030"),
    ],
)  # fmt: skip
def test_an_order_is_read_whatever_its_charset_label_says(label: str, codec: str, email: Email) -> None:
    kind = f"text/plain; charset={label}" if label else "text/plain"
    assert is_the_order(email(mail(base64.encodebytes(ORDER.encode(codec)), kind, "base64")))
    if codec != "utf-16":
        assert is_the_order(email(mail(ORDER.encode(codec), kind)))
        assert is_the_order(email(mail(quopri.encodestring(ORDER.encode(codec)), kind, "quoted-printable")))


def test_seven_bit_chinese_is_decoded() -> None:
    assert decoded("订单".encode("hz"), "us-ascii") == "订单"


def test_nul_bytes_and_direction_marks_are_dropped(email: Email) -> None:
    spoilt = ORDER.replace("吕喆", "吕\x00喆\u202e").replace("欧阳镕", "欧\u200b阳镕")
    assert is_the_order(email(mail(spoilt.encode())))


def test_full_width_digits_and_traditional_words_are_read(email: Email) -> None:
    wide = (
        ORDER.translate({c: c + 0xFEE0 for c in range(0x30, 0x3A)})
        .replace("发货人", "發貨人")
        .replace("收货人", "收貨人")
    )
    reading = email(mail(wide.encode("gb18030"), "text/plain; charset=gb18030"))
    assert is_the_order(reading)
    assert reading.orders[0].consignee.phones == ("+8613973405500",)


def table(rows: list[tuple[str, ...]]) -> str:
    """An HTML table."""
    cells = "".join("<tr>" + "".join(f"<td><p>{c}</p></td>" for c in row) + "</tr>" for row in rows)
    return f"<html><style>.发货人{{}}</style><body><p>您好</p><table>{cells}</table></body></html>"


def test_a_table_of_label_and_value_is_read_and_so_is_its_transpose(email: Email) -> None:
    rows = [tuple(line.split("：")) for line in ORDER.strip().split("\n")]
    for shape in (rows, [tuple(r[0] for r in rows), tuple(r[1] for r in rows)]):
        html = quopri.encodestring(table(shape).encode("gb18030"))
        assert is_the_order(email(mail(html, "text/html; charset=gb2312", "quoted-printable")))


def test_hidden_and_struck_out_text_is_not_read(email: Email) -> None:
    html = ORDER.replace("\n", "<br>").replace("28台", "<s>90台</s><span style='display:none'>7</span>28台")
    assert is_the_order(email(mail(html.encode(), "text/html; charset=utf-8")))


def test_of_two_alternatives_the_richer_counts_once(email: Email) -> None:
    html = "<p>" + ORDER.replace("\n", "</p><p>") + "</p>"
    parts = [("text/plain", "请使用支持HTML的客户端查看"), ("text/html", html)]
    body = "".join(f"--b\r\nContent-Type: {k}; charset=utf-8\r\n\r\n{t}\r\n" for k, t in parts) + "--b--\r\n"
    assert is_the_order(email(mail(body.encode(), 'multipart/alternative; boundary="b"')))


QUOTED = ORDER.replace("吕喆", "别人").replace("28台", "99台")


@pytest.mark.parametrize(
    "head",
    [
        '------------------ 原始邮件 ------------------\n发件人: "desk"<d@x.example>;\n'
        "发送时间: 2026年3月9日(星期一) 下午3:41\n",
        "发件人： desk\n发送时间： 2026-03-09 15:58\n收件人： a\n主题： 订单\n",
        "From: desk <d@x.example>\nSent: Monday, March 9, 2026 9:20 AM\nTo: a@shipper.example\nSubject: x\n",
        'At 2026-03-09 15:58:01, "desk" <d@x.example> wrote:\n',
        "在 2026年3月9日，15:58，desk <d@x.example> 写道：\n",
        "On Mon, Mar 9, 2026 at 5:58 PM Desk <d@x.example> wrote:\n",
        "---- 回复的原邮件 ----\n发件人 desk<d@x.example>\n发送日期 2026年3月9日 15:58\n",
        "-----Original Message-----\nFrom: desk\nSent: 2026-03-09 9:20\n",
    ],
)
def test_quoted_history_is_never_content(head: str, email: Email) -> None:
    assert is_the_order(email(mail((ORDER + "\n" + head + "\n" + QUOTED).encode(), Subject="Re: x")))


def test_an_answer_below_the_quote_is_new_text(email: Email) -> None:
    body = "desk <d@x.example> 于2026年3月9日周一 15:50写道：\n\n> 司机17点前到\n> 货物：充电器 64箱\n\n这单作废\n"
    assert email(mail(body.encode(), Subject="Re: 260309411")).intent is Intent.CANCELLATION


def test_a_signature_is_nobodys(email: Email) -> None:
    signature = "\n祝好\n\n吕喆\n销售部\n台州市椒江区市府大道1号\n电话：0576-88800000\n"
    assert is_the_order(email(mail((ORDER + signature).encode())))


def test_an_order_in_a_csv_file_is_content(email: Email) -> None:
    csv = "发货人,发货电话,提货地址,品名,件数,包装,重量KG,目的站,收货人,收货电话,付费方式\n" + "".join(
        f'同里酱鸭厂,0512-63331874,"苏州市吴江区同里镇,富土路77号",酱鸭,{n},箱,900,{to},店 宰姐,13913872200,到付\n'
        for n, to in ((90, "南京"), (40, "上海"))
    )
    head = (
        'Content-Type: text/csv; name="a.csv"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment'
    )
    body = f"--b\r\nContent-Type: text/plain; charset=gbk\r\n\r\n\r\n--b\r\n{head}\r\n\r\n".encode()
    body += base64.encodebytes(csv.encode("gbk")) + b"\r\n--b--\r\n"
    reading = email(mail(body, 'multipart/mixed; boundary="b"', Subject="csv"))
    assert [o.destination for o in reading.orders] == ["南京", "上海"]
    assert [o.cargo[0].quantity for o in reading.orders] == [90, 40]
    (file,) = reading.envelope.attachments
    assert (file.name, file.size) == ("a.csv", len(csv.encode("gbk")))
    assert max(map(len, file.payload.split(b"\r\n"))) <= 76


def test_a_zip_bomb_of_a_sheet_is_not_unpacked(email: Email) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    head = 'Content-Type: application/octet-stream; name="x.xlsx"\r\nContent-Transfer-Encoding: base64\r\n'
    body = f"--b\r\n{head}Content-Disposition: attachment; filename=x.xlsx\r\n\r\n".encode()
    reading = email(mail(body + base64.encodebytes(packed.getvalue()) + b"--b--\r\n", 'multipart/mixed; boundary="b"'))
    assert (reading.intent, [p.field for p in reading.problems]) == (Intent.OTHER, ["message"])


def test_header_values_are_cleaned_and_ids_lose_their_brackets(email: Email) -> None:
    subject = "=?utf-8?B?" + base64.b64encode("发货\r\nBcc: x@y.example\u202e".encode()).decode() + "?="
    reading = email(
        mail(ORDER.encode(), Subject=subject, Message_ID="<a@b>", References="<r1@x> <r2@x>", In_Reply_To="<r2@x>")
    )
    about = reading.envelope
    assert about.subject == "发货 Bcc: x@y.example"
    assert (about.message_id, about.references, about.in_reply_to) == ("a@b", ("r1@x", "r2@x"), ("r2@x",))


def test_an_encoded_word_split_inside_a_character_is_joined(email: Email) -> None:
    raw = "发货订单".encode("gb18030")
    words = " ".join(f"=?gb2312?B?{base64.b64encode(part).decode()}?=" for part in (raw[:3], raw[3:]))
    assert email(mail(b"x", Subject=words)).envelope.subject == "发货订单"


def test_raw_eight_bit_headers_are_decoded(email: Email) -> None:
    raw = mail(b"x").replace(b"To: ", b"Subject: " + "发货单".encode("gbk") + b"\r\nTo: ", 1)
    assert email(raw).envelope.subject == "发货单"


def test_every_address_of_every_from_header_is_kept_and_display_names_never_are(email: Email) -> None:
    raw = mail(b"x").replace(b"To: ", b'From: "boss@desk.example" <B@Other.Example> (c@d.example)\r\nTo: ', 1)
    assert email(raw).envelope.from_ == ("a@shipper.example", "b@other.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("List-Unsubscribe", "<mailto:x@y.example>"),
        ("X-Autoreply", "yes"), ("Return-Path", "<>"), ("Auto-Submitted", "auto-generated (failure)"),
    ],
)  # fmt: skip
def test_a_machines_mail_says_why_it_must_not_be_answered(name: str, value: str, email: Email) -> None:
    machine = email(mail(b"x", **{name.replace("-", "_"): value})).envelope.machine
    assert machine is not None
    assert machine.lower().startswith(name.lower())


def test_a_persons_mail_has_no_such_reason(email: Email) -> None:
    assert email(mail(b"x", Auto_Submitted="no")).envelope.machine is None


def test_only_the_words_outside_comments_are_a_verdict(email: Email) -> None:
    value = (
        "mx.desk.example (dmarc=pass); spf=pass (dkim=fail) smtp.mailfrom=<>; dmarc=fail header.from=shipper.example"
    )
    (verdict,) = email(mail(b"x", Authentication_Results=value)).envelope.verdicts
    assert verdict.authserv_id == "mx.desk.example"
    assert verdict.methods == (("spf", "pass", None), ("dmarc", "fail", "shipper.example"))


def test_a_bounce_names_the_mail_returned(email: Email) -> None:
    status = "Reporting-MTA: dns; mx.x.example\r\n\r\nFinal-Recipient: rfc822; D@X.example\r\n"
    status += "Action: failed\r\nStatus: 5.1.1\r\n"
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nUndelivered\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"{status}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@desk.example>\r\n\r\n--b--\r\n"
    )
    reading = email(mail(body.encode(), 'multipart/report; report-type=delivery-status; boundary="b"'))
    assert reading.intent is Intent.AUTOMATIC
    bounce = reading.envelope.bounce
    assert bounce is not None
    assert (bounce.message_id, bounce.recipient, bounce.status, bounce.action) == (
        "ours@desk.example", "d@x.example", "5.1.1", "failed",
    )  # fmt: skip


def test_attachment_names_are_safe_to_store(email: Email) -> None:
    for name in ("../../etc/cron.d/x.csv", "C:\\\\x.csv", "\u200b.htaccess", "a\u202egnp.csv"):
        head = f'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nx'
        body = f"--b\r\n{head}\r\n--b--\r\n".encode()
        (file,) = email(mail(body, 'multipart/mixed; boundary="b"')).envelope.attachments
        assert not set(file.name) & set('/\\:\u200b\u202e"')
        assert not file.name.startswith(".")


def nested(depth: int) -> bytes:
    """A mail of multiparts inside each other."""
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(depth))
    return b"From: a@b.example\r\n" + head.encode() + b"Content-Type: text/plain\r\n\r\nx\r\n"


def test_too_deep_too_many_and_too_long_is_refused_before_parsing() -> None:
    assert limits.refuse(nested(40)) is None
    assert limits.refuse(nested(60)) is not None
    parts = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 1100
    assert limits.refuse(parts) is not None
    assert limits.refuse(b"Subject: " + b"x" * 100_000 + b"\r\n\r\n") is not None
    assert limits.refuse(b"X: y\r\n" * 5000 + b"\r\n") is not None


HOSTILE = {
    "digits": "1" * 50_000, "blank lines": "\n" * 50_000, "brackets": "(" * 25_000 + ")" * 25_000,
    "spaces": " " * 50_000,
    "numerals": "一" * 50_000, "labels": "发货人：" * 12_000, "phones": "139" * 16_000, "dimensions": "1x" * 25_000,
    "cues": "收货" * 25_000, "politeness": "谢谢" * 25_000 + "x", "comments": "<!--" * 50_000, "quotes": ">\n" * 25_000,
    "lines": "\n1.a" * 12_000, "commas": "王," * 25_000, "fees": "我费1" * 16_000, "one line": "货" * 1_000_000,
}  # fmt: skip


@pytest.mark.bad_input("B81")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_soon(name: str, definitions: Definitions) -> None:
    """The bound is generous for a busy machine; what is quadratic takes a minute."""
    start = time.process_time()
    read(Channel.SMS, f"From: +8613800000000\n\n{HOSTILE[name]}".encode(), definitions)
    read(Channel.EMAIL, mail(HOSTILE[name].encode(), "text/html; charset=utf-8"), definitions)
    read(Channel.EMAIL, mail(HOSTILE[name].encode()), definitions)
    assert time.process_time() - start < 3


def test_deep_html_and_endless_comments_end_soon() -> None:
    start = time.process_time()
    assert "x" in markup.lines_of("<div>" * 2_000 + "x")
    markup.lines_of("<!--" * 200_000)
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    "raw", [b"", b"\x00" * 100, b"\xff\xfe\x00", b"Content-Type: multipart/mixed\r\n\r\nx", bytes(range(256)) * 9]
)
def test_bytes_that_are_no_mail_give_a_reading(raw: bytes, email: Email) -> None:
    assert email(raw).intent in (Intent.OTHER, Intent.AUTOMATIC)
