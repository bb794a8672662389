"""B16-B30, B65-B67: the parts of a mail, its files, and frames that are broken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook

from tests.bad_input.samples import FORM, Outcome, Sample, file, html, mail, order, packed, part, several
from tests.unit.parsing.made_files import compound, pdf, tnef
from tests.unit.parsing.test_files import document, line

A, R, Q, I = Outcome.ACCEPTED, Outcome.REPLIED, Outcome.HELD, Outcome.IGNORED  # noqa: E741 - as faults.md writes them
NO_ANSWER = "a person looks (messages.md, ruling 10)"
HTML = "text/html; charset=utf-8"
OTHER_ORDER = order({"数量": "99箱", "收货人": "钱先生", "收货人电话": "13700008888", "发往": "南昌"})
POINTER = "您好，订单见附件，谢谢\n"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def encrypted(raw: bytes) -> bytes:
    """A zip whose members say that they are encrypted."""
    marked = bytearray(raw)
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(sign)
        while at >= 0:
            marked[at + flags] |= 1
            at = marked.find(sign, at + 4)
    return bytes(marked)


def sheet(form: Mapping[str, str], dimension: str = "") -> bytes:
    """A form as a workbook of labels and values; `dimension` is what it says of its size."""
    book = Workbook()
    for row in form.items():
        book.active.append(row)
        book.active.cell(book.active.max_row, 2).data_type = "s"  # also where it begins as a formula does
    out = io.BytesIO()
    book.save(out)
    if not dimension:
        return out.getvalue()
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b'<dimension ref="A1:B12"', f'<dimension ref="{dimension}"'.encode())
    assert dimension.encode() in members[name]
    return zipped(members)


def with_file(raw: bytes, name: str, words: str = POINTER) -> bytes:
    """A mail that points to its file."""
    return several(part(words), file(raw, name))


def nested(depth: int) -> bytes:
    """An order in so many containers."""
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return mail(b"", "text/plain").partition(b"Content-Type")[0] + head + part(order())


ROWS_BOMB = zipped(
    {"xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>".encode() + b"<row><c><v>1</v></c></row>" * 1_500_000}
)
ZEROS = zipped({"order.txt": b"0" * 60_000_000})
CLEAR = several(
    part(order()),
    part(b"\x30\x80" + bytes(range(200)), 'application/pkcs7-signature; name="smime.p7s"'),
    kind='signed; protocol="application/pkcs7-signature"; micalg=sha-256',
)
OPAQUE = packed(b"\x30\x80" + bytes(250), 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"')
PGP = several(
    part("Version: 1", "application/pgp-encrypted"),
    file(b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "e.asc"),
    kind='encrypted; protocol="application/pgp-encrypted"',
)
IN_TEXT_PGP = packed("-----BEGIN PGP MESSAGE-----\n\nhQEMA5xXx0Y2dmVzAQf/\n=abcd\n-----END PGP MESSAGE-----\n")
INNER = mail(order(), From="别的人 <cang0@elsewhere.example>")
FORWARD = several(part("请按下面的单安排\n"), b"Content-Type: message/rfc822\r\n\r\n" + INNER)
INVITE = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:周会\nEND:VEVENT\nEND:VCALENDAR\n"
CALENDAR = "text/calendar; charset=utf-8; method=REQUEST"
WHOLE = several(part("您好\n"), part(html(order()), HTML), kind="alternative")
BROKEN_FRAMES = {
    "no-closing-boundary": WHOLE.replace(b"--=_b1--\r\n", b""),
    "another-boundary": WHOLE.replace(b'boundary="=_b1"', b'boundary="=_x"'),
    "no-boundary": WHOLE.replace(b'; boundary="=_b1"', b""),
    "boundary-twice": WHOLE.replace(b'boundary="=_b1"', b'boundary="=_b1"; boundary="=_b2"'),
    "boundary-of-2000": WHOLE.replace(b"=_b1", b"=_" + b"b" * 2000),
    "charset-with-open-quote": mail(order(), 'text/plain; charset="utf-8'),
    "charset-with-junk": mail(order(), "text/plain; charset==utf-8;;=; format"),
    "kind-of-nothing": mail(order(), "/; charset=utf-8"),
    "multipart-that-is-text": mail(order(), "multipart/mixed"),
}

SAMPLES = (
    Sample(
        ("B16",),
        "html-alone",
        (packed(html(order(), "<style>.x{color:red}</style><script>alert('货物 99箱')</script><!-- 99箱 -->"), HTML),),
        A,
    ),
    *(
        Sample(
            ("B17",),
            f"parts-differ-in-{name}",
            (several(part(order()), part(html(order({label: value})), HTML), kind="alternative"),),
            Q,
            says=("不一致",),
            superseded="the sender is not asked before a person has looked (note of faults.md: a `review` reason)",
        )
        for name, label, value in (("quantity", "数量", "51件"), ("address", "收货地址", "解放大道8号"))
    ),
    *(
        Sample(
            ("B18",),
            f"hidden-{name}",
            (packed(html(order(), f"<div{style}>{OTHER_ORDER}</div>"), HTML),),
            A,
        )
        for name, style in (
            ("display", ' style="display:none"'),
            ("white", ' style="color:#ffffff"'),
            ("tiny", ' style="font-size:0"'),
            ("attribute", " hidden"),
            ("invisible", ' style="visibility: hidden"'),
        )
    ),
    Sample(
        ("B18",),
        "key-fields-hidden-only",
        (packed(html(order({"收货人电话": None}), '<div style="display:none">收货人电话：13905791234</div>'), HTML),),
        R,
        says=("收货人联系电话：没有写明",),
        superseded="what is missing is asked for (domain.md §3)",
    ),
    Sample(
        ("B19",),
        "picture-alone",
        (several(part(b"\x89PNG\r\n\x1a\n" + bytes(99), 'image/png; name="a.png"')),),
        Q,
        says=("来件内容无法读取",),
        superseded=NO_ANSWER,
    ),
    Sample(("B20",), "xlsx", (with_file(sheet(FORM), "托运单.xlsx"),), A),
    Sample(("B20",), "csv", (with_file("\n".join(map(",".join, FORM.items())).encode("gbk"), "order.csv"),), A),
    Sample(
        ("B20",), "docx", (with_file(document("".join(line(t) for t in order().split("\n") if t)), "order.docx"),), A
    ),
    Sample(("B20",), "pdf", (with_file(pdf([[t] for t in order().split("\n") if t]), "order.pdf"),), A),
    *(
        Sample(
            ("B21",),
            f"file-of-{kind}",
            (with_file(raw, f"order.{kind}"),),
            Q,
            says=("来件内容无法读取",),
            superseded=NO_ANSWER,
        )
        for kind, raw in (
            ("dwg", b"AC1027\0" + bytes(200)),
            ("rar", b"Rar!\x1a\x07\x01\0" + bytes(99)),
            ("zip", zipped({"order.txt": order().encode()})),
        )
    ),
    Sample(
        ("B22",),
        "sheet-of-rows",
        (with_file(ROWS_BOMB, "order.xlsx"),),
        Q,
        says=("来件内容无法读取",),
        superseded=NO_ANSWER,
    ),
    Sample(
        ("B22",),
        "sheet-of-huge-dimension",
        (with_file(sheet(FORM, "A1:XFD1048576"), "order.xlsx"),),
        A,
        superseded="the dimension is not believed, and the order in it is read (note of faults.md on B06, B12)",
    ),
    *(
        Sample(("B23",), name, (with_file(raw, "order.zip"),), Q, says=("来件内容无法读取",), superseded=NO_ANSWER)
        for name, raw in (
            ("zip-of-zeros", ZEROS),
            ("zip-in-zip", zipped({"a.zip": zipped({"b.zip": ZEROS})})),
            ("zip-of-10000", zipped({f"{n}.txt": b"" for n in range(10_000)})),
        )
    ),
    *(
        Sample(
            ("B24",),
            f"encrypted-{kind}",
            (with_file(raw, f"order.{kind}"),),
            Q,
            says=("来件内容无法读取",),
            superseded=NO_ANSWER,
        )
        for kind, raw in (
            ("zip", encrypted(zipped({"order.txt": order().encode()}))),
            ("xlsx", compound({"EncryptionInfo": b"\x04\0\x04\0", "EncryptedPackage": bytes(range(256)) * 20})),
            (
                "pdf",
                pdf(
                    [[t] for t in order().split("\n") if t],
                    trailer=b"/Encrypt<</Filter/Standard/V 2/R 3/P -4/O(x)/U(y)>>",
                ),
            ),
        )
    ),
    Sample(
        ("B25",),
        "outlook-package",
        (several(file(tnef(order().encode("gbk")), "winmail.dat", "application/ms-tnef")),),
        A,
    ),
    Sample(
        ("B25",),
        "outlook-package-broken",
        (several(file(b"\x78\x9f\x3e\x22\x01\0" + bytes(50), "winmail.dat", "application/ms-tnef")),),
        Q,
        says=("来件内容无法读取",),
        superseded=NO_ANSWER,
    ),
    Sample(("B26",), "signed-in-the-clear", (CLEAR,), A),
    *(
        Sample(("B27",), name, (raw,), Q, superseded=NO_ANSWER)
        for name, raw in (("smime-opaque", OPAQUE), ("pgp-mime", PGP), ("pgp-in-text", IN_TEXT_PGP))
    ),
    Sample(("B28",), "forwarded-by-a-customer", (FORWARD,), A),
    Sample(
        ("B28",),
        "forwarded-by-a-stranger",
        (FORWARD.replace(b"cang0@elsewhere.example", b"cang0@shipper.example"),),
        Q,
        says=("发件人不在客户名单里",),
        stranger=True,
    ),
    Sample(("B29",), "attached-eml", (several(part("请安排\n"), file(INNER, "order.eml")),), A),
    Sample(
        ("B29",),
        "attached-msg",
        (
            with_file(
                compound({"__properties_version1.0": bytes(32), "__substg1.0_1000001F": order().encode("utf-16-le")}),
                "order.msg",
            ),
        ),
        Q,
        says=("来件内容无法读取",),
        superseded=NO_ANSWER,
    ),
    Sample(
        ("B30",),
        "invitation",
        (several(part("邀请您参加周会\n"), part(INVITE, CALENDAR), kind="alternative"),),
        I,
        reason="automatic: Content-Type: text/calendar",
    ),
    Sample(("B30",), "invitation-with-an-order", (several(part(order()), part(INVITE, CALENDAR)),), A, answers=()),
    *(
        Sample(("B65",), name, (raw,), Q, says=("来件内容无法读取",))
        for name, raw in (
            ("51-deep", nested(51)),
            ("2000-deep", nested(2000)),
            ("1001-parts", several(*[part(order())] * 1001)),
            ("20000-parts", several(*[part("x")] * 20_000)),
        )
    ),
    *(
        Sample(("B67" if "charset" in n or "kind" in n or "multipart" in n else "B66",), n, (raw,), A)
        for n, raw in BROKEN_FRAMES.items()
    ),
)
