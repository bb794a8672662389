"""Files of other programs' formats made by hand: old workbooks, PDF, Outlook's package."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

Cell = str | float

END_OF_CHAIN, FREE, FAT_SECTOR, NO_ENTRY = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file; each stream is padded to where it needs no mini stream."""
    padded = {name: data.ljust(max(4096, -(-len(data) // 512) * 512), b"\0") for name, data in streams.items()}
    entries = len(streams) + 1
    directory_sectors = -(-entries // 4)
    chains: list[int] = [FAT_SECTOR]
    chains += [*range(2, 1 + directory_sectors), END_OF_CHAIN]
    starts = []
    for data in padded.values():
        starts.append(len(chains))
        count = len(data) // 512
        chains += [*range(len(chains) + 1, len(chains) + count), END_OF_CHAIN]
    assert len(chains) <= 128
    fat = struct.pack("<128I", *chains, *[FREE] * (128 - len(chains)))
    directory = entry("Root Entry", 5, END_OF_CHAIN, 0, child=1)
    for number, (name, data) in enumerate(padded.items()):
        right = number + 2 if number + 2 < entries else NO_ENTRY
        directory += entry(name, 2, starts[number], len(data), right=right)
    directory = directory.ljust(512 * directory_sectors, b"\0")
    header = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END_OF_CHAIN, 0,
        END_OF_CHAIN, 0,
    )  # fmt: skip
    difat = struct.pack("<109I", 0, *[FREE] * 108)
    return header + difat + fat + directory + b"".join(padded.values())


def entry(name: str, kind: int, start: int, size: int, right: int = NO_ENTRY, child: int = NO_ENTRY) -> bytes:
    """One entry of a compound file's directory."""
    wide = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBB3I36xIQ", wide, len(wide), kind, 1, NO_ENTRY, right, child, start, size
    )  # fmt: skip


def record(kind: int, data: bytes = b"") -> bytes:
    """One record of a binary workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def label(row: int, column: int, text: str, style: int = 0) -> bytes:
    """A text cell."""
    wide = text.encode("utf-16-le")
    return record(0x0204, struct.pack("<HHHHB", row, column, style, len(text), 1) + wide)


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    """A figure's cell."""
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def font(struck: bool = False) -> bytes:
    """A font."""
    return record(0x31, struct.pack("<HHHHHBBBxBB", 200, 8 if struck else 0, 0x7FFF, 400, 0, 0, 0, 0, 5, 0) + b"Arial")


def style(font_number: int = 0, number_format: int = 0) -> bytes:
    """A cell format."""
    return record(0xE0, struct.pack("<HHH14x", font_number, number_format, 0))


STRUCK_STYLE, DATE_STYLE = 1, 2


def xls(
    rows: Sequence[Sequence[Cell]],
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[int] = (),
    styles: dict[tuple[int, int], int] | None = None,
    locked: bool = False,
) -> bytes:
    """A workbook of one sheet as Excel 97 to 2003 saved it (BIFF8)."""
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0x41, 6))
    lock = record(0x2F, struct.pack("<HHH", 1, 1, 1) + b"\x11" * 48) if locked else b""
    looks = font() + font() + font() + font() + font(struck=True)  # the fifth is called 5, as 4 is left out
    looks += style() + style(font_number=5) + style(number_format=14)
    name = "Sheet1"
    bound_size = 4 + 8 + len(name)
    end = record(0x0A)
    globals_size = len(start) + len(lock) + len(looks) + bound_size + len(end)
    bound = record(0x85, struct.pack("<IBBBB", globals_size, 0, 0, len(name), 0) + name.encode())
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0x41, 6))
    for column in hidden_columns:
        sheet += record(0x7D, struct.pack("<HHHHHH", column, column, 2048, 0, 1, 0))
    hidden = set(hidden_rows)
    for row in range(len(rows)):
        sheet += record(0x0208, struct.pack("<HHHHHHI", row, 0, 20, 255, 0, 0, 0x120 if row in hidden else 0x100))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            look = (styles or {}).get((row, column), 0)
            sheet += label(row, column, value, look) if isinstance(value, str) else number(row, column, value, look)
    return compound({"Workbook": start + lock + looks + bound + end + sheet + end})


def pdf(
    rows: Sequence[Sequence[str]], columns: Sequence[int] = (40,), trailer: bytes = b"", drawing: str = ""
) -> bytes:
    """A PDF page of texts in columns, in a font of two-byte codes with its table to Unicode, as programs embed them."""
    signs = sorted({c for row in rows for cell in row for c in cell})
    codes = {sign: number + 1 for number, sign in enumerate(signs)}
    shown = [drawing]
    for line, row in enumerate(rows):
        for place, cell in ((p, c) for p, c in zip(columns, row, strict=False) if c):
            hexed = "".join(f"{codes[c]:04x}" for c in cell)
            shown.append(f"BT /F1 10 Tf 1 0 0 1 {place} {800 - 18 * line} Tm <{hexed}> Tj ET")
    mapped = "".join(f"<{codes[s]:04x}> <{s.encode('utf-16-be').hex()}>\n" for s in signs)
    spaces = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    head = f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def {spaces}"
    table = f"{head} {len(signs)} beginbfchar\n{mapped}endbfchar endcmap end end"
    widths = " ".join(f"{codes[s]} [{500 if s.isascii() else 1000}]" for s in signs)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        stream("\n".join(shown).encode()),
        b"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Song"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/W["
        + widths.encode()
        + b"]/FontDescriptor 8 0 R>>",
        stream(table.encode()),
        b"<</Type/FontDescriptor/FontName/Song/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        b"/Ascent 900/Descent -200>>",
    ]
    return framed(objects, trailer)


def ruled(rows: Sequence[Sequence[str]], width: int = 5) -> bytes:
    """A PDF page with a ruled table whose cells wrap after a few characters."""
    columns = [30 + 51 * number for number in range(len(rows[0]))]
    lines: list[list[str]] = []
    drawing = [f"{x - 4} 100 0.5 712 re f" for x in (*columns, columns[-1] + 51)]
    for row in rows:
        drawing.append(f"26 {812 - 18 * len(lines)} {51 * len(columns)} 0.5 re f")
        pieces = [[cell[i : i + width] for i in range(0, len(cell), width)] for cell in row]
        lines += [[p[n] if n < len(p) else "" for p in pieces] for n in range(max(map(len, pieces)))]
    drawing.append(f"26 {812 - 18 * len(lines)} m {26 + 51 * len(columns)} {812 - 18 * len(lines)} l S")
    return pdf(lines, columns, drawing="\n".join(drawing))


def stream(data: bytes) -> bytes:
    """A stream object."""
    body = zlib.compress(data)
    return b"<</Length %d/Filter/FlateDecode>>stream\n" % len(body) + body + b"\nendstream"


def framed(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Objects as a file with its table of places."""
    out = b"%PDF-1.4\n"
    places = []
    for count, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % count + content + b"endobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % p for p in places
    )
    return (
        out
        + table
        + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, len(out))
    )


def scan() -> bytes:
    """A PDF page that is nothing but a picture."""
    picture = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
    picture += b"stream\n\0\nendstream"
    return framed([
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        stream(b"595 0 0 842 0 0 cm /I Do"),
        picture,
    ])  # fmt: skip


def tnef(plain: bytes = b"", rich: bytes = b"", html: bytes = b"", files: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """Outlook's package (winmail.dat) in code page 936."""
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    out += attribute(1, 0x00069007, struct.pack("<II", 936, 0))
    if plain:
        out += attribute(1, 0x0002800C, plain + b"\0")
    told = [(0x0037001F, "发货".encode("utf-16-le") + b"\0\0"), (0x00170003, struct.pack("<I", 1))]
    told += [(0x10090102, rich)] * bool(rich) + [(0x10130102, html)] * bool(html)
    out += attribute(1, 0x00069003, properties(told))
    for name, content in files:
        out += attribute(2, 0x00069002, b"\0" * 14)
        out += attribute(2, 0x00018010, name.encode("gbk", "replace")[:8] + b"~1.XLS\0")
        out += attribute(2, 0x0006800F, content)
        out += attribute(2, 0x00069005, properties([(0x3707001F, name.encode("utf-16-le") + b"\0\0")]))
    return out


def attribute(level: int, name: int, data: bytes) -> bytes:
    """One attribute with its check sum."""
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(values: Sequence[tuple[int, bytes]]) -> bytes:
    """Properties, tagged by name and type; one of them has a name of its own."""
    out = struct.pack("<I", len(values) + 1)
    out += struct.pack("<HH16sIII", 0x03, 0x8001, b"g" * 16, 0, 0x8501, 7)
    for tag, data in values:
        out += struct.pack("<HH", tag & 0xFFFF, tag >> 16)
        if tag & 0xFFFF == 0x03:
            out += data
            continue
        out += struct.pack("<II", 1, len(data)) + data.ljust((len(data) + 3) & ~3, b"\0")
    return out


def squeezed(rich: bytes) -> bytes:
    """Rich Text in Outlook's compressed form; only what the unsaid beginning holds is referred to."""
    body = b""
    position = 0
    begin = b"{\\rtf1\\ansi"
    while position < len(rich):
        flags, run = 0, b""
        for bit in range(8):
            if position >= len(rich):
                flags |= 1 << bit
                write = (207 + position) % 4096
                run += bytes((write >> 4, (write & 15) << 4))
                break
            if position == 0 and rich.startswith(begin):
                flags |= 1 << bit
                run += bytes((0, len(begin) - 2))
                position = len(begin)
            else:
                run += rich[position : position + 1]
                position += 1
        body += bytes((flags,)) + run
    return struct.pack("<II4sI", len(body) + 12, len(rich), b"LZFu", 0) + body


def in_rich(line: str) -> bytes:
    """A line in the code page of Rich Text."""
    return "".join(f"\\'{b:02x}" if b > 127 else chr(b) for b in line.encode("gbk")).encode()
