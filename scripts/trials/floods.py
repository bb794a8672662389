"""Mails that are all of one thing: each has to end within a second, with a reading or a clear refusal."""

from __future__ import annotations

HEAD = b"From: a@shipper.example\r\nDate: Tue, 10 Mar 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\n"


def mail(text: str, kind: str = "plain") -> bytes:
    """A mail of this one text."""
    return HEAD + f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n".encode() + text.encode()


def parts(number: int) -> bytes:
    """A mail of so many parts side by side."""
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * number + b"--b--\r\n"


def nested(depth: int) -> bytes:
    """A mail of multiparts inside each other."""
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(depth))
    return HEAD + head.encode() + b"Content-Type: text/plain\r\n\r\nx\r\n"


CELLS = "<table>" + "<tr><td>件数</td><td>5</td></tr>" * 20_000 + "</table>"

FLOODS: dict[str, bytes] = {
    "50,000 blank lines": mail("\n" * 50_000),
    "200,000 <!--": mail("<!--" * 200_000, "html"),
    "2,000 nested <div>": mail("<div>" * 2_000 + "x" + "</div>" * 2_000, "html"),
    "2,000 nested <table>": mail("<table><tr><td>" * 2_000 + "x", "html"),
    "2,000 nested multiparts": nested(2_000),
    "100,000 parts": parts(100_000),
    "50,000 digits": mail("1" * 50_000),
    "1 MB in one line": mail("货" * 350_000),
    "1 MB of HTML in one line": mail("<b>货</b>" * 100_000, "html"),
    "20,000 table rows": mail(CELLS, "html"),
    "25,000 quotes": mail(">\n" * 25_000),
    "12,000 labels": mail("发货人：" * 12_000),
    "16,000 half phones": mail("139" * 16_000),
    "25,000 cues": mail("收货" * 25_000),
    "50,000 numerals": mail("一" * 50_000),
    "25,000 sides": mail("1x" * 25_000),
    "50,000 brackets": mail("(" * 25_000 + ")" * 25_000),
    "25,000 commas": mail("王," * 25_000),
    "100,000 entities": mail("&nbsp;" * 100_000, "html"),
    "3,000 encoded words": HEAD + b"Subject: " + b"=?utf-8?B?5Lit?= " * 3_000 + b"\r\n\r\nx",
}
