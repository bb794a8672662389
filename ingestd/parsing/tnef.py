"""Outlook's own package (TNEF, winmail.dat): the text and the files in it. The format is Microsoft's [MS-OXTNEF]."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = b"\x78\x9f\x3e\x22"
OF_ATTACHMENT = 2  # the level of an attribute
CODE_PAGE, BODY, PROPERTIES = 0x00069007, 0x0002800C, 0x00069003
NEW_FILE, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
TEXT, HTML, RICH, CPID = 0x1000, 0x1013, 0x1009, 0x3FDE  # properties of the message
LONG_NAME, SHORT_NAME, DATA, KIND = 0x3707, 0x3704, 0x3701, 0x370E  # properties of a file
FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
STRING, WIDE, OBJECT, BINARY = 0x1E, 0x1F, 0x0D, 0x102
SEVERAL = 0x1000  # the bit of a type that has several values
MAX_ATTRIBUTES = 2000
MAX_PROPERTIES = 2000
MAX_RICH = 4_000_000
DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)  # what every compressed text begins with, unsaid ([MS-OXRTFCP])
WINDOW = 4096


@dataclass(slots=True)
class File:
    """One file in a package."""

    name: bytes | str = b""
    kind: str = "application/octet-stream"
    data: bytes = b""


@dataclass(slots=True)
class Package:
    """What a package holds; texts are in `code_page`."""

    code_page: str = "gb18030"
    plain: bytes | str = b""
    html: bytes = b""
    rich: bytes = b""
    files: list[File] = field(default_factory=list)


def unpacked(raw: bytes) -> Package | None:
    """What a package holds, as far as it is whole; None for bytes that are none."""
    if not raw.startswith(SIGNATURE):
        return None
    package = Package()
    try:
        for level, name, data in attributes(raw):
            if level == OF_ATTACHMENT:
                of_file(package, name, data)
            else:
                of_message(package, name, data)
    except (struct.error, IndexError, UnicodeError):
        pass  # what came before the broken place counts
    return package


def attributes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, name and bytes of each attribute."""
    position = 6
    for _ in range(MAX_ATTRIBUTES):
        if position + 9 > len(raw):
            return
        level, name, length = struct.unpack_from("<BII", raw, position)
        if position + 9 + length > len(raw):
            return  # cut off; half a text may end inside a phone number
        yield level, name, raw[position + 9 : position + 9 + length]
        position += 9 + length + 2  # a check sum follows


def of_message(package: Package, name: int, data: bytes) -> None:
    """Note an attribute of the message."""
    if name == CODE_PAGE:
        package.code_page = f"cp{struct.unpack_from('<I', data)[0]}"
    elif name == BODY:
        package.plain = package.plain or data.rstrip(b"\0")
    elif name == PROPERTIES:
        for key, value in properties(data):
            if key == TEXT and isinstance(value, bytes | str):
                package.plain = package.plain or value
            elif key == HTML and isinstance(value, bytes):
                package.html = value
            elif key == RICH and isinstance(value, bytes):
                package.rich = value


def of_file(package: Package, name: int, data: bytes) -> None:
    """Note an attribute of the last file."""
    if name == NEW_FILE:
        package.files.append(File())
    if not package.files:
        return
    file = package.files[-1]
    if name == FILE_TITLE:
        file.name = file.name or data.rstrip(b"\0")
    elif name == FILE_DATA:
        file.data = data
    elif name == FILE_PROPERTIES:
        for key, value in properties(data):
            if key in (LONG_NAME, SHORT_NAME) and (key == LONG_NAME or not file.name):
                file.name = value
            elif key == DATA and not file.data and isinstance(value, bytes):
                file.data = value
            elif key == KIND:
                file.kind = value if isinstance(value, str) else value.decode("ascii", "ignore")


def properties(data: bytes) -> Iterator[tuple[int, bytes | str]]:
    """Name and value of each property that is a text or bytes; of several values the first."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, MAX_PROPERTIES)):
        kind, key = struct.unpack_from("<HH", data, position)
        position += 4
        if key >= 0x8000:
            position = behind_name(data, position)
        values, position = values_at(data, position, kind)
        if values:
            yield key, values[0]


def behind_name(data: bytes, position: int) -> int:
    """Where the name of a property that has one ends."""
    kind, length = struct.unpack_from("<16xII", data, position)
    return position + 24 + (padded(length) if kind else 0)


def values_at(data: bytes, position: int, kind: int) -> tuple[list[bytes | str], int]:
    """The values of one property, none for numbers, and where they end."""
    plain = kind & ~SEVERAL
    count = 1
    if kind & SEVERAL or plain in (STRING, WIDE, OBJECT, BINARY):
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    if plain in FIXED:
        return [], position + FIXED[plain] * count
    if plain not in (STRING, WIDE, OBJECT, BINARY):
        raise struct.error("a type that is none")
    out: list[bytes | str] = []
    for _ in range(min(count, MAX_PROPERTIES)):
        (length,) = struct.unpack_from("<I", data, position)
        raw = data[position + 4 : position + 4 + length]
        position += 4 + padded(length)
        out.append(value(raw, plain))
    return out, position


def value(raw: bytes, kind: int) -> bytes | str:
    """One value; an object says first of which class it is."""
    if kind == WIDE:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    if kind == OBJECT:
        return raw[16:]
    return raw.rstrip(b"\0") if kind == STRING else raw


def padded(length: int) -> int:
    """A length rounded up to whole words."""
    return (length + 3) & ~3


def decompressed(raw: bytes) -> bytes:
    """Rich Text from its compressed form ([MS-OXRTFCP]), as far as it is whole."""
    if len(raw) < 16:
        return b""
    size, form = struct.unpack_from("<4xI4s", raw)
    if form == b"MELA":
        return raw[16 : 16 + size]
    if form != b"LZFu":
        return b""
    window = bytearray(DICTIONARY.ljust(WINDOW, b" "))
    out = bytearray()
    write, position, limit = len(DICTIONARY), 16, min(size, MAX_RICH)
    while position < len(raw) and len(out) < limit:
        flags = raw[position]
        position += 1
        for bit in range(8):
            if flags >> bit & 1:
                pair = raw[position : position + 2]
                offset, length = (pair[0] << 4 | pair[1] >> 4, (pair[1] & 15) + 2) if len(pair) == 2 else (write, 0)
                if offset == write:
                    return bytes(out)
                position += 2
            else:
                window[write] = raw[position] if position < len(raw) else 0
                offset, length = write, min(1, len(raw) - position)
                position += 1
            for step in range(length):
                byte = window[(offset + step) % WINDOW]
                window[write] = byte
                out.append(byte)
                write = (write + 1) % WINDOW
    return bytes(out)
