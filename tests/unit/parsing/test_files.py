"""Orders in attached files, as the programs of senders save them, and files that cannot be read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from ingestd.domain.reading import Intent, Reading
from ingestd.parsing.files import text_of_file
from ingestd.parsing.sheets import plain_date, plain_number
from tests.unit.parsing.made_files import DATE_STYLE, STRUCK_STYLE, compound, in_rich, pdf, ruled, scan, xls
from tests.unit.parsing.mails import (
    HEAD,
    ORDER,
    ROW,
    SECOND,
    file,
    is_for_a_person,
    is_the_order,
    part,
    several,
    targets,
)

Email = Callable[[bytes], Reading]
Rows = Sequence[Sequence[str | float]]
SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def workbook(rows: Rows = (HEAD, ROW)) -> Workbook:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(rows: Rows = (HEAD, ROW)) -> bytes:
    """A workbook as its program saves it."""
    return saved(workbook(rows))


def with_hidden_things() -> bytes:
    """A workbook with rows, columns, cells and sheets that nobody is to read."""
    book = workbook([HEAD, ROW, SECOND, ("合计", "", "", "", 40, 1000, 1.9)])
    sheet = book.active
    sheet.row_dimensions[3].hidden = True
    sheet.insert_cols(2)
    sheet.column_dimensions["B"].hidden = True
    for number in range(1, 5):
        sheet.cell(number, 2).value = 99999
    sheet.append([None, None, *SECOND[1:]])
    for cell in sheet[5]:
        cell.font = Font(strike=True)
    sheet["A2"].comment = Comment("联系电话改为13900000000", "x")
    other = book.create_sheet("旧单", 0)
    other.append(list(HEAD))
    other.append(list(SECOND))
    other.sheet_state = "hidden"
    return saved(book)


def document(body: str) -> bytes:
    """A word processor's document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD_SPACE}" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<w:body>{body}</w:body></w:document>",
        )
    return out.getvalue()


def line(text: str, marks: str = "") -> str:
    """A paragraph."""
    return f"<w:p>{run(text, marks)}</w:p>"


def run(text: str, marks: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def rows_of(pairs: Sequence[Sequence[str]]) -> str:
    """A table."""
    cells = ("".join(f"<w:tc><w:tcPr/>{line(c)}</w:tc>" for c in row) for row in pairs)
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{c}</w:tr>" for c in cells) + "</w:tbl>"


PAIRS = [tuple(text.split("：")) for text in ORDER.strip().split("\n")]
LINES = [line(text) for text in ORDER.strip().split("\n")]
STRUCK, HIDDEN, OFF = "<w:strike/>", "<w:vanish/>", '<w:strike w:val="0"/>'
BOX = f"<w:txbxContent>{''.join(LINES)}</w:txbxContent>"

DOCUMENTS = {
    "paragraphs": "".join(LINES),
    "table": line("托运单") + rows_of(PAIRS),
    "table of four columns": rows_of([a + b for a, b in zip(PAIRS[::2], PAIRS[1::2], strict=True)]),
    "content control": f"<w:sdt><w:sdtContent>{''.join(LINES)}</w:sdtContent></w:sdt>",
    "cells in content controls": rows_of(PAIRS)
    .replace("<w:tc>", "<w:sdt><w:sdtContent><w:tc>")
    .replace("</w:tc>", "</w:tc></w:sdtContent></w:sdt>"),
    "table in a table": f"<w:tbl><w:tr><w:tc>{rows_of(PAIRS)}<w:p/></w:tc></w:tr></w:tbl>",
    "struck out": "".join(LINES[:2])
    + f"<w:p>{run('货物状况：')}{run('配件 90台', STRUCK)}{run('水泵电机 28台、1.4方、700公斤', OFF)}</w:p>"
    + "".join(LINES[3:]),
    "hidden": line("收货人：别人 13900000000", HIDDEN) + "".join(LINES),
    "tracked": "".join(LINES[:4])
    + f"<w:p>{run('发往：')}<w:del><w:r><w:delText>义乌</w:delText></w:r></w:del><w:ins>{run('衡阳')}</w:ins></w:p>"
    + "".join(LINES[5:]),
    "moved": "".join(LINES) + f"<w:p><w:moveFrom>{run('发往：义乌')}</w:moveFrom></w:p>",
    "text box": f"<w:p><w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
    "</mc:AlternateContent></w:r></w:p>",
    "runs cut anywhere": "".join(f"<w:p>{''.join(map(run, text))}</w:p>" for text in ORDER.strip().split("\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_order_in_a_document_is_read(name: str, email: Email) -> None:
    raw = document(DOCUMENTS[name])
    assert is_the_order(email(several(part(b""), file(raw, "托运单.docx"))))


XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>{}</Table></Worksheet>'
    "</Workbook>"
).format(
    "".join(
        "<Row>" + "".join(
            f'<Cell><Data ss:Type="{"String" if isinstance(c, str) else "Number"}">{c}</Data></Cell>' for c in row
        ) + "</Row>"
        for row in (HEAD, ROW)
    )
)  # fmt: skip
HTML_SHEET = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type '
    'content="text/html; charset=gb2312"></head><body><table>'
    + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in (HEAD, ROW))
    + "</table></body></html>"
)


def separated(sign: str, quote: str = "") -> str:
    """Separated values."""
    return "\r\n".join(sign.join(f"{quote}{cell}{quote}" for cell in row) for row in (HEAD, ROW)) + "\r\n"


PDF_ROWS = [[HEAD[i], str(ROW[i]), HEAD[i + 1], str(ROW[i + 1])] for i in (0, 3, 5, 7)]
PDF_ROWS = [*PDF_ROWS, [HEAD[2], str(ROW[2])], [HEAD[9], str(ROW[9]), HEAD[10], str(ROW[10])]]

FILES = {
    "a.xlsx": xlsx(),
    "b.xlsx with hidden things": with_hidden_things(),
    "c.xlsx on its side": xlsx(list(zip(HEAD, ROW, strict=True))),
    "d.xlsx below a title": xlsx([("货物托运单",), (), HEAD, ROW]),
    "e.dat a workbook by another name": xlsx(),
    "f.xls": xls([HEAD, ROW]),
    "g.xls with hidden things": xls([(*HEAD, "发货人"), (*ROW, "别人"), SECOND], [2], [11]),
    "h.xls struck out": xls([HEAD, ROW, SECOND], styles={(2, column): STRUCK_STYLE for column in range(11)}),
    "i.xls on its side": xls(list(zip(HEAD, ROW, strict=True))),
    "j.xls that is HTML": HTML_SHEET.encode("gb18030"),
    "k.xls that is XML": XML_2003.encode(),
    "l.xls of tabs": separated("\t").encode("gbk"),
    "m.xls that is .xlsx": xlsx(),
    "n.csv": separated(",").encode("gbk"),
    "o.csv in UTF-8": separated(",", '"').encode("utf-8-sig"),
    "p.csv with semicolons": ("sep=;\r\n" + separated(";")).encode("gb18030"),
    "q.csv in UTF-16": separated("\t").encode("utf-16"),
    "r.csv of guarded figures": separated(",").replace("13605876300", '="13605876300"').encode("gbk"),
    "s.txt": ORDER.encode("gbk"),
    "t.txt of tabs": separated("\t").encode(),
    "u.pdf": pdf([(text,) for text in ORDER.strip().split("\n")]),
    "v.pdf of a form": pdf(PDF_ROWS, (40, 120, 320, 400)),
    "w.pdf with radicals": pdf([(text,) for text in ORDER.replace("人", "\u2f08").replace("方", "\u2f45").split("\n")]),
    "w2.pdf of a ruled table": ruled([HEAD, tuple(map(str, ROW))]),
    "x.rtf": rb"{\rtf1\ansi\ansicpg936 " + b"\\par ".join(in_rich(text) for text in ORDER.split("\n")) + b"}",
    "y.html": HTML_SHEET.encode("gb18030"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_order_in_a_file_is_read(name: str, email: Email) -> None:
    attached = file(FILES[name], name.split(" ", maxsplit=1)[0])
    assert is_the_order(email(several(part(b""), attached)))
    assert is_the_order(email(several(part("您好,发货单见附件,请安排,谢谢".encode()), attached, Subject="order")))


def test_an_empty_cell_of_a_ruled_table_keeps_its_column(email: Email) -> None:
    rows = [HEAD, tuple(map(str, ROW)), tuple("" if i == 6 else str(c) for i, c in enumerate(SECOND))]
    assert (text_of_file("a.pdf", "", ruled(rows)) or "").split("\n") == ["\t".join(row) for row in rows]
    reading = email(several(part(b""), file(ruled(rows), "a.pdf")))
    assert targets(reading) == [("衡阳", 28), ("义乌", 12)]
    (goods,) = reading.orders[1].cargo
    assert goods.volume_m3 is None


@pytest.mark.parametrize("through", [4.0, 5.5])
def test_what_a_line_is_drawn_through_in_a_pdf_is_not_read(through: float, email: Email) -> None:
    lines = ORDER.strip().split("\n")
    lines.insert(2, "货物状况：配件 90台")
    raw = pdf([(text,) for text in lines], drawing=f"40 {800 - 36 + through} 200 0.6 re f 40 400 200 0.6 re f")
    assert is_the_order(email(several(part(b""), file(raw, "a.pdf"))))


@pytest.mark.parametrize("made", [xlsx, xls, lambda rows: "\n".join("\t".join(map(str, r)) for r in rows).encode()])
def test_each_row_is_an_order_and_the_total_is_none(made: Callable[[Rows], bytes], email: Email) -> None:
    rows = [HEAD, ROW, SECOND, ("合计", "", "", "", 40, 1000, 1.9)]
    assert targets(email(several(part(b""), file(made(rows), "a.xls")))) == [("衡阳", 28), ("义乌", 12)]


def test_two_files_of_one_order_are_one_order(email: Email) -> None:
    assert is_the_order(email(several(part(b""), file(FILES["a.xlsx"], "a.xlsx"), file(FILES["u.pdf"], "a.pdf"))))


def test_two_files_of_two_orders_are_two_orders_for_a_person_to_see(email: Email) -> None:
    reading = email(several(part(b""), file(xlsx([HEAD, ROW]), "a.xlsx"), file(xlsx([HEAD, SECOND]), "b.xlsx")))
    assert targets(reading) == [("衡阳", 28), ("义乌", 12)]
    assert "conflicting_parts" in reading.review


def test_a_file_that_contradicts_the_text_is_seen_by_a_person(email: Email) -> None:
    assert is_the_order(email(several(part(ORDER.encode()), file(xlsx(), "a.xlsx"))))
    for rows in ([HEAD, SECOND], [HEAD, ROW, SECOND], [HEAD, (*ROW[:4], 82, *ROW[5:])]):
        reading = email(several(part(ORDER.encode()), file(xlsx(rows), "a.xlsx")))
        assert (reading.intent, reading.review) == (Intent.ORDER, ("conflicting_parts",))


LOCK = b",".join(
    [b"/Encrypt<</Filter/Standard/V 1/R 2/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")/P -4>>/ID[<00><00>]"]
)

UNREADABLE = {
    "a.pdf that is a scan": scan(),
    "b.pdf that is locked": pdf([("x",)], trailer=LOCK),
    "c.pdf cut off": pdf([("x",)])[:200],
    "d.xlsx with a password": compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y" * 300}),
    "e.xls with a password": xls([HEAD, ROW], locked=True),
    "f.xlsx cut off": xlsx()[:-200],
    "g.doc": compound({"WordDocument": b"x" * 5000}),
    "h.xls cut off": xls([HEAD, ROW])[:1500],
    "i.docx of nothing": document(""),
    "j.xlsx of nothing": xlsx([]),
    "k.rar": b"Rar!\x1a\x07\x00" + bytes(range(256)),
    "l.zip with a password": b"PK\x03\x04" + bytes(range(200)),
    "m.docx that defines entities": document("").replace(b"PK\x03\x04", b"PK\x03\x05"),
    "n.csv of zero bytes": b"\0" * 5000,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_for_a_person(name: str, email: Email) -> None:
    attached = file(UNREADABLE[name], name.split(" ", maxsplit=1)[0])
    assert is_for_a_person(email(several(part(b""), attached)))
    assert is_for_a_person(email(several(part("发货单见附件,请安排".encode()), attached)))


def test_a_file_that_cannot_be_read_does_no_harm_to_an_order_in_the_text(email: Email) -> None:
    assert is_the_order(email(several(part(ORDER.encode()), file(scan(), "a.pdf"))))


def test_dates_and_figures_are_shown_as_people_see_them() -> None:
    book = workbook([("提货日期", "电话", "体积", "时间")])
    book.active.append([date(2026, 3, 12), 13605876300, 1.4000000000000001, 0.625])
    book.active["D2"].number_format = "h:mm"
    assert text_of_file("a.xlsx", SHEET_KIND, saved(book)) == (
        "提货日期\t电话\t体积\t时间\n2026-03-12\t13605876300\t1.4\t15:00"
    )
    old = xls([("提货日期", "电话"), (46093, 13605876300)], styles={(1, 0): DATE_STYLE})
    assert text_of_file("a.xls", "", old) == "提货日期\t电话\n2026-03-12\t13605876300"


@pytest.mark.parametrize(("stored", "shown"), [("46093.5", "2026-03-12 12:00"), ("0.75", "18:00"), ("1e400", "1e400")])
def test_a_stored_day_is_a_date(stored: str, shown: str) -> None:
    assert plain_date(stored) == shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("28.0", "28"), ("1.3605876300E10", "13605876300"), ("0.30000000000000004", "0.3"), ("nan", "nan"), ("x", "x")],
)
def test_a_stored_figure_has_no_noise(stored: str, shown: str) -> None:
    assert plain_number(stored) == shown


def test_the_libraries_for_rare_files_are_imported_only_for_them() -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = "import sys, ingestd.parsing.reader; print({'pypdf', 'xlrd'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
