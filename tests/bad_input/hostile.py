"""B77-B80: names, formulas, templates, markup and addresses that somebody might hope are obeyed."""

from __future__ import annotations

from tests.bad_input.parts import POINTER, sheet
from tests.bad_input.samples import FORM, Outcome, Sample, file, html, order, packed, part, several

A, Q = Outcome.ACCEPTED, Outcome.HELD
WATCHED = "@WATCHED@"  # stands for an address of ours that notes who asks it
CANARY = "@CANARY@"  # stands for a file whose words must never be seen
GBK_NAME = "进仓单.pdf".encode("gbk").decode("utf-8", "surrogateescape")
NAMES = {  # how the header names the file, and how the work order may show it
    "up-the-tree": ('filename="../../../etc/cron.d/x.pdf"', "x.pdf"),
    "of-a-drive": ('filename="C:\\\\Users\\\\x\\\\y.pdf"', "y.pdf"),
    "with-nul": ("filename*=utf-8''a%00.sh%0d%0ab.pdf", "b.pdf"),
    "of-a-device": ('filename="CON"', "CON"),
    "of-300-signs": (f'filename="{"a" * 296}.pdf"', "a.pdf"),
    "right-to-left": ("filename*=utf-8''x%E2%80%AEfdp.exe", "xfdp.exe"),
    "hidden-dot": ("filename*=utf-8''%E2%80%8B.htaccess", "htaccess"),
    "of-both-standards": ("filename=\"=?utf-8?B?6L+b5LuT5Y2VLnBkZg==?=\"; filename*=utf-8''a.pdf", ".pdf"),
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


SAMPLES = (
    *(Sample(("B77",), f"file-{name}", (named(name),), A, file=NAMES[name][1]) for name in NAMES),
    Sample(
        ("B77",),
        "two-files-of-one-name",
        (several(part(order()), file(b"%PDF-1.4 one", "a.pdf"), file(b"%PDF-1.4 two", "a.pdf")),),
        A,
        file="a.pdf",
    ),
    *(
        Sample(
            ("B78",),
            f"cell-begins-with-{name}",
            (several(part(POINTER), file(sheet({**FORM, "货物名称": f"{sign}汽车配件"}), "o.xlsx")),),
            A,
            order={"cargo.0.name": f"{'@' * (sign == '@')}汽车配件"},
        )
        for name, sign in (("equals", "="), ("plus", "+"), ("minus", "-"), ("at", "@"), ("tab", "\t"))
    ),
    Sample(
        ("B79",),
        "template",
        (packed(order(TEMPLATE)),),
        A,
        says=("${7*7}汽车配件15件", "%n%s东路3号"),
        order={"shipper.name": None, "cargo.0.name": "${7*7}汽车配件", "consignee.address": "%n%s东路3号{% raw %"},
    ),
    Sample(
        ("B79",), "markup", (packed(order(MARKUP)),), Q, says=('中山古镇<img src=x onerror="alert(1)">汽配城A12栋',)
    ),
    Sample(
        ("B79",), "sql", (packed(order(SQL)),), A, says=("汽车配件' OR 15件",), order={"cargo.0.name": "汽车配件' OR"}
    ),
    Sample(
        ("B79",),
        "markdown",
        (packed(order(MARKDOWN)),),
        A,
        says=("](javascript:alert(1 15件", "** `rm -rf"),
        order={"cargo.0.name": "汽车配件](javascript:alert(1", "consignee.address": "火车站东路3号** `rm -rf"},
    ),
    Sample(
        ("B79",),
        "model-number",
        (packed(order({"货物名称": "轴承6205"})),),
        A,
        says=("轴承6205 15件",),
        omits=("620515",),
        order={"cargo.0.name": "轴承6205"},
    ),
    Sample(("B79",), "forged-log-line", (packed(order(None, REMARK)),), A),
    Sample(
        ("B80",),
        "addresses-of-pictures",
        (
            packed(
                html(
                    order(),
                    (
                        f'<img src="http://{WATCHED}/pixel.gif?who=1"><link rel=stylesheet href="http://{WATCHED}/a.css">'
                        f'<iframe src="http://{WATCHED}/f"></iframe><img src="file://{CANARY}"><object data="http://{WATCHED}/o"></object>'
                    ),
                ),
                "text/html; charset=utf-8",
            ),
        ),
        A,
    ),
    Sample(
        ("B80",),
        "addresses-in-words",
        (packed(order(None, f"备注：详见 http://{WATCHED}/order?id=1 和 file://{CANARY}")),),
        A,
    ),
)
