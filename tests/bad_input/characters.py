"""B01-B15: characters and the codes that they come in."""

from __future__ import annotations

import base64
import quopri

from tests.bad_input.samples import SERIAL, Outcome, Report, Sample, mail, order, packed

A, R, Q = Outcome.ACCEPTED, Outcome.REPLIED, Outcome.HELD

RARE = order({"发货人": "吕喆", "收货人": "欧阳镕", "收货地址": "喆镕大厦3号"})
RARE_MEANT = {"shipper.name": "吕喆", "consignee.name": "欧阳镕", "consignee.address": "喆镕大厦3号"}
FOUR_BYTES = order({"发货人": "刘䶮", "收货人": "陈㛃", "收货地址": "㙍头路3号"})
FOUR_BYTES_MEANT = {"shipper.name": "刘䶮", "consignee.name": "陈㛃", "consignee.address": "㙍头路3号"}
TRADITIONAL = """\
您好，請安排提貨：

發貨人：陳先生
聯繫電話：13823033212
貨物名稱：汽車配件
數量：15件
重量：200公斤
體積：2.2立方
提貨地址：中山古鎮汽配城A12棟
發往：杭州
收貨人：馬小姐
聯繫電話：13905791234
收貨地址：深水埗路3號
付費方式：到付
"""
IN_ONE_LINE = "王先生13823033212轴承12箱300公斤1.8方中山古镇汽配城A12栋往义乌收货许小姐0579-85321466到付，请安排提货"
IN_ONE_LINE_MEANT = {
    "cargo.0.name": "轴承",
    "cargo.0.quantity": 12,
    "cargo.0.weight_kg": 300,
    "cargo.0.volume_m3": 1.8,
    "destination": "义乌",
    "consignee.name": "许小姐",
    "consignee.phones": ["+8657985321466"],
    "consignee.address": None,
}
TRADITIONAL_MEANT = {
    "shipper.name": "陳先生",
    "cargo.0.name": "汽車配件",
    "pickup.address": "中山古鎮汽配城A12棟",
    "consignee.name": "馬小姐",
    "consignee.address": "深水埗路3號",
}


def words_of(text: str, charset: str, size: int) -> str:
    """A header value in encoded words that each hold so many bytes, whether a character ends there or not."""
    raw = text.encode(charset)
    pieces = (raw[at : at + size] for at in range(0, len(raw), size))
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def raw_header(text: str, charset: str) -> str:
    """A header value of raw bytes, as `mail` writes them."""
    return text.encode(charset).decode("utf-8", "surrogateescape")


def spoilt(text: str, value: str, at: int) -> bytes:
    """A form in GBK with one byte of a value that fits nothing."""
    raw, found = text.encode("gbk"), value.encode("gbk")
    where = raw.index(found) + at
    return raw[:where] + b"\xff" + raw[where + 1 :]


def cut(text: str, words: str) -> bytes:
    """A mail in base64 that breaks off behind these words, in the middle of a group of four."""
    whole = base64.encodebytes(text.encode())
    end = text.encode().index(words.encode()) + len(words.encode())
    return mail(whole[: end * 4 // 3 // 76 * 77 + end * 4 // 3 % 76 + 1], coding="base64")


QUOTED = quopri.encodestring(order({"收货地址": None}, "收货地址：火车站东路").encode()).rstrip()
CUT_QUOTED = QUOTED[: QUOTED.rindex(b"=") + 2]

SAMPLES = (
    Sample(("B01",), "gbk-as-gb2312", (packed(RARE.encode("gbk"), "text/plain; charset=gb2312"),), A, order=RARE_MEANT),
    Sample(
        ("B02",),
        "gb18030-as-gb2312",
        (packed(FOUR_BYTES.encode("gb18030"), "text/plain; charset=gb2312"),),
        A,
        order=FOUR_BYTES_MEANT,
    ),
    Sample(("B03",), "utf-8-as-gb2312", (packed(RARE, "text/plain; charset=gb2312"),), A, order=RARE_MEANT),
    Sample(("B03",), "gbk-as-utf-8", (packed(RARE.encode("gbk")),), A, order=RARE_MEANT),
    Sample(
        ("B03",),
        "half-gbk-half-utf-8",
        (packed(RARE[:70].encode("gbk") + RARE[70:].encode("utf-8"), "text/plain; charset=gbk"),),
        A,
        order=RARE_MEANT,
    ),
    *(
        Sample(
            ("B04",),
            f"charset-{label or 'empty'}",
            (packed(RARE.encode("gbk"), f'text/plain; charset="{label}"'),),
            A,
            order=RARE_MEANT,
        )
        for label in ("x-gbk", "unknown-8bit", "default", "")
    ),
    *(
        Sample(
            ("B04",), f"codec-{label}", (mail(order(None, "备注：\\ud800\\u4e00"), f"text/plain; charset={label}"),), A
        )
        for label in ("unicode_escape", "raw_unicode_escape", "undefined", "punycode", "idna", "rot13")
    ),
    Sample(
        ("B05",),
        "big5-hkscs",
        (packed(TRADITIONAL.encode("big5hkscs"), "text/plain; charset=big5"),),
        A,
        order=TRADITIONAL_MEANT,
    ),
    Sample(
        ("B06",), "utf-16-mark", (packed(RARE.encode("utf-16"), "text/plain; charset=utf-16"),), A, order=RARE_MEANT
    ),
    Sample(
        ("B06",),
        "utf-16-no-mark",
        (packed(RARE.encode("utf-16-le"), "text/plain; charset=utf-16"),),
        A,
        order=RARE_MEANT,
        superseded="read where a clerk can (note of faults.md)",
    ),
    Sample(
        ("B06",),
        "utf-7",
        (mail(RARE.encode("utf-7"), "text/plain; charset=utf-7", "7bit"),),
        A,
        order=RARE_MEANT,
        superseded="read where a clerk can (note of faults.md)",
    ),
    Sample(
        ("B06", "B11"),
        "utf-7-half-a-pair",
        (mail(order().encode("utf-7").replace(b"A12", b"A12+2AA-"), "text/plain; charset=utf-7", "7bit"),),
        R,
        says=("提货地址：没能看懂",),
    ),
    Sample(
        ("B07",),
        "raw-header",
        (
            mail(
                "见标题\n",
                Subject=raw_header(IN_ONE_LINE, "gbk"),
                From=raw_header("古镇灯饰 <me@shipper.example>", "gbk"),
            ),
        ),
        A,
        order=IN_ONE_LINE_MEANT,
    ),
    Sample(
        ("B08",),
        "encoded-words-cut",
        (mail("见标题\n", Subject=words_of(IN_ONE_LINE, "utf-8", 25)),),
        A,
        order=IN_ONE_LINE_MEANT,
    ),
    Sample(
        ("B08",),
        "encoded-words-cut-gbk",
        (mail("见标题\n", Subject=words_of(IN_ONE_LINE, "gb2312", 25)),),
        A,
        order=IN_ONE_LINE_MEANT,
    ),
    Sample(
        ("B09",),
        "base64-cut-early",
        (cut(order(), "提货地址：中山古镇汽配城"),),
        Q,
        says=("像是被截断",),
    ),
    Sample(
        ("B09",),
        "base64-cut-late",
        (cut(order({"收货地址": None, "付费方式": None}, "到付，收货地址：火车站东路36号"), "东路3"),),
        Q,
        says=("像是被截断",),
    ),
    Sample(
        ("B09",),
        "quoted-printable-cut",
        (mail(CUT_QUOTED, coding="quoted-printable"),),
        Q,
        says=("像是被截断",),
    ),
    Sample(("B10",), "base64-that-is-text", (mail(order(), coding="base64"),), A),
    *(
        Sample(
            ("B11",),
            f"broken-{name}",
            (packed(spoilt(order(), value, at), "text/plain; charset=gbk"),),
            R,
            says=(asked,),
        )
        for name, value, at, asked in (
            ("address", "火车站东路", 4, "发往地（或收货地址）：没能看懂"),
            ("consignee", "马小姐", 0, "收货人：没能看懂"),
            ("quantity", "15件", 1, "件数：没能看懂"),
            ("place", "汽配城A12栋", 2, "提货地址：没能看懂"),
        )
    ),
    Sample(
        ("B11",),
        "broken-phone",
        (packed(spoilt(order(), "13905791234", 6), "text/plain; charset=gbk"),),
        Q,
        says=("收货人联系电话，没有写明", "还有内容没有归到任何栏目"),
        superseded="a finding for a person goes before one to ask for (docs/checks.md)",
    ),
    Sample(
        ("B11",),
        "lost-before",
        (packed(order({"收货地址": "火车站东\ufffd路3号"})),),
        R,
        says=("发往地（或收货地址）：没能看懂",),
    ),
    Sample(("B12",), "nul-in-body", (packed(order({"收货人": "马\0小姐", "联系方式": "1382\x003033212"})),), A),
    Sample(("B12",), "nul-in-header", (mail(order(), Subject="\0发货\0"),), A, by_inlet=True),
    Sample(
        ("B13",),
        "escapes-and-directions",
        (
            packed(
                order(
                    {
                        "发货人": "\x1b[31m王先生\x1b[0m",
                        "收货人": "\u202e马小姐\u202c",
                        "联系方式": "138\u200b2303\u200b3212",
                        "数量": "1\u200d5件",
                        "收货地址": "火车站\u2066东路\u20693\ufeff号",
                    }
                )
            ),
        ),
        A,
    ),
    Sample(
        ("B14",),
        "full-width",
        (
            packed(
                order(
                    {
                        "数量": "１５件",
                        "重量": "２００公斤",
                        "联系方式": "１３８２３０３３２１２",
                        "提货地址": "中山古镇汽配城Ａ１２栋",
                    }
                )
            ),
        ),
        A,
    ),
    Sample(
        ("B14",),
        "chinese-numerals",
        (packed(order({"数量": "十五件", "重量": "二十吨", "体积": "二十五立方"})),),
        A,
        order={"cargo.0.quantity": 15, "cargo.0.weight_kg": 20000, "cargo.0.volume_m3": 25},
    ),
    Sample(
        ("B14",),
        "numerals-of-two-readings",
        (packed(order({"重量": "两三吨", "体积": None})),),
        R,
        says=("重量或体积",),
    ),
    Sample(
        ("B15",),
        "plate-in-cyrillic",
        (packed(order()), Report(f"{SERIAL}已派车，车牌粤\u0412A1234，司机张师傅13700001111")),
        A,
        states=("taken",),
        superseded="a report is not answered, and a plate in doubt is left out (messages.md)",
    ),
)
