"""Zipped XML, opened within limits on size, number of members and what XML may do."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

MAX_UNPACKED = 20_000_000  # bytes of all members
MAX_RATIO = 200  # unpacked to packed
MAX_MEMBERS = 500

BROKEN = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, ExpatError, KeyError, ValueError, csv.Error,
    NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip


class UnreadableFileError(ValueError):
    """A file that is too big, encrypted or no such file."""


def opened(raw: bytes) -> zipfile.ZipFile:
    """A zip whose declared sizes are within bounds."""
    archive = zipfile.ZipFile(io.BytesIO(raw))
    members = archive.infolist()
    unpacked = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(raw), 2000):
        raise UnreadableFileError("too much in the archive")
    if any(m.flag_bits & 1 for m in members):
        raise UnreadableFileError("encrypted")
    return archive


def content(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one member, however long its directory says it is."""
    with archive.open(name) as stream:
        found = stream.read(MAX_UNPACKED + 1)
    if len(found) > MAX_UNPACKED:
        raise UnreadableFileError("too long")
    return found


def member(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """The XML of one member."""
    return harmless(content(archive, name))


def harmless(raw: bytes) -> ElementTree.Element:
    """The XML of bytes that define no entities; wide encodings, in which a definition could hide, are refused."""
    checked(raw)
    return ElementTree.fromstring(raw)  # noqa: S314 - no entities, bounded in size, and in the reader's cage


def checked(raw: bytes) -> None:
    """Refuse XML that could define entities."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\0" in raw[:200]:
        raise UnreadableFileError("XML that defines entities")
