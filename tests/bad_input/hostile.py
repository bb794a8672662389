"""B77-B80: names, formulas, templates, markup and addresses that somebody might hope are obeyed."""

from __future__ import annotations

from tests.bad_input.parts import POINTER, sheet
from tests.bad_input.samples import FORM, Outcome, Sample, file, html, mail, order, packed, part, several

A, R, Q = Outcome.ACCEPTED, Outcome.REPLIED, Outcome.HELD
WATCHED = "@WATCHED@"  # stands for an address of ours that notes who asks it
CANARY = "@CANARY@"  # stands for a file whose words must never be seen
GBK_NAME = "进仓单.pdf".encode("gbk").decode("utf-8", "surrogateescape")
NAMES = {  # how the header names the file, and how the work order may show it
    "up-the-tree": ('filename="../../../etc/cron.d/x.pdf"', "x.pdf"),
    "of-a-drive": ('filename="C:\\\\Users\\\\x\\\\y.pdf"', "y.pdf"),
    "with-nul": ("filename*=utf-8''a%00.sh%0d%0ab.pdf", "a.shb.pdf"),
    "of-a-device": ('filename="CON"', "CON"),
    "of-300-signs": (f'filename="{"a" * 296}.pdf"', "a.pdf"),
    "right-to-left": ("filename*=utf-8''x%E2%80%AEfdp.exe", "xfdp.exe"),
    "hidden-dot": ("filename*=utf-8''%E2%80%8B.htaccess", "htaccess"),
    "of-both-standards": ('filename="=?utf-8?B?6L+b5LuT5Y2VLnBkZg==?="; filename*=utf-8\'\'a.pdf', ".pdf"),
    "in-raw-gbk": (f'filename="{GBK_NAME}"', "进仓单.pdf"),
    "of-dots": ('filename=".."', "attachment-1"),
    "with-header": ('filename="a\\"; x=\\"b.pdf"', ".pdf"),
}
TEMPLATE = {"发货人": "{{7*7}}先生", "货物名称": "${7*7}汽车配件", "收货地址": "%n%s东路3号{% raw %}"}
MARKUP = {
    "货物名称": "<b onmouseover=alert(1)>汽车配件</b>",
    "收货地址": "<script>alert(1)</script>火车站东路3号",
    "提货地址": '中山古镇<img src=x onerror="alert(1)">汽配城A12栋',
}
SQL = {"收货地址": "火车站东路3号'; DROP TABLE orders; --", "货物名称": "汽车配件' OR '1'='1"}
MARKDOWN = {"货物名称": "[汽车配件](javascript:alert(1))", "收货地址": "**火车站东路3号** `rm -rf /`"}
REMARK = '备注：易碎","level":"error","event":"forged'


def named(name: str) -> bytes:
    """An order with an attached file of a name."""
    header = f"Content-Disposition: attachment; {NAMES[name][0]}\r\n".encode("utf-8", "surrogateescape")
    attached = part(b"%PDF-1.4\nwarehouse entry note\n", "application/octet-stream", "@HEADER@")
    return several(part(order()), attached.replace(b"@HEADER@", header))


def literally(name: str, changes: dict[str, str], *says: str) -> Sample:
    """An order with words in it that some program might obey: wherever it ends, they are shown as they are."""
    return Sample(("B79",), name, (packed(order(changes)),), A, says=says, order=dict.fromkeys(PATHS) | meant(changes))


PATHS: tuple[str, ...] = ()


def meant(changes: dict[str, str]) -> dict[str, object]:
    """What is read, where that is what is written."""
    paths = {"发货人": "shipper.name", "货物名称": "cargo.0.name", "收货地址": "consignee.address", "提货地址": "pickup.address"}
    return {paths[label]: value for label, value in changes.items()}


SAMPLES = (
    *(Sample(("B77",), f"file-{name}", (named(name),), A, file=NAMES[name][1]) for name in NAMES),
    Sample(
        ("B77",), "two-files-of-one-name",
        (several(part(order()), file(b"%PDF-1.4 one", "a.pdf"), file(b"%PDF-1.4 two", "a.pdf")),), A, file="a.pdf",
    ),
    *(
        Sample(("B78",), f"cell-begins-with-{name}", (several(part(POINTER), file(sheet({**FORM, "货物名称": f"{sign}汽车配件"}), "o.xlsx")),), A,
               order={"cargo.0.name": f"{sign}汽车配件"})
        for name, sign in (("equals", "="), ("plus", "+"), ("minus", "-"), ("at", "@"))
    ),
    literally("template", TEMPLATE),
    literally("markup", MARKUP),
    literally("sql", SQL),
    literally("markdown", MARKDOWN),
    Sample(("B79",), "forged-log-line", (packed(order(None, REMARK)),), A),
    Sample(
        ("B80",), "addresses-of-pictures",
        (packed(html(order(), (
            f'<img src="http://{WATCHED}/pixel.gif?who=1"><link rel=stylesheet href="http://{WATCHED}/a.css">'
            f'<iframe src="http://{WATCHED}/f"></iframe><img src="file://{CANARY}"><object data="http://{WATCHED}/o"></object>'
        )), "text/html; charset=utf-8"),), A,
    ),
    Sample(("B80",), "addresses-in-words", (packed(order(None, f"备注：详见 http://{WATCHED}/order?id=1 和 file://{CANARY}")),), A),
)  # fmt: skip
assert mail
assert R
assert Q
