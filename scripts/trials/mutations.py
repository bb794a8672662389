"""What can happen to the bytes of a message: each mutation a function of them, of chance and of another message."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random, bytes], bytes]
CHARSETS = b"gb2312 gbk utf-8 big5 utf-16 utf-7 hz-gb-2312 iso-2022-jp us-ascii nonsense".split()
ENCODINGS = b"base64 quoted-printable 8bit 7bit x-uuencode binary".split()
INVISIBLE = "\u202e\u200b\ufeff".encode()
ODD = (b"\0", b"\r", b"\x1b$B", INVISIBLE, b"=?utf-8?B?", b"\n--", b"\xff\xfe", b"<td>")


def flipped(raw: bytes, chance: Random, _: bytes) -> bytes:
    """Some bytes replaced."""
    changed = bytearray(raw)
    for _n in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_out(raw: bytes, chance: Random, _: bytes) -> bytes:
    """A piece lost."""
    start, end = span(raw, chance)
    return raw[:start] + raw[end:]


def cut_off(raw: bytes, chance: Random, _: bytes) -> bytes:
    """The end lost."""
    return raw[: chance.randrange(len(raw)) + 1]


def doubled(raw: bytes, chance: Random, _: bytes) -> bytes:
    """A piece twice, or many times."""
    start, end = span(raw, chance)
    return raw[:end] + raw[start:end] * chance.choice((1, 1, 2, 50)) + raw[end:]


def moved(raw: bytes, chance: Random, _: bytes) -> bytes:
    """A piece somewhere else."""
    start, end = span(raw, chance)
    rest = raw[:start] + raw[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + raw[start:end] + rest[at:]


def crossed(raw: bytes, chance: Random, other: bytes) -> bytes:
    """The beginning of this message, the end of another."""
    return raw[: chance.randrange(len(raw)) + 1] + other[chance.randrange(len(other)) :]


def lines_mixed(raw: bytes, chance: Random, _: bytes) -> bytes:
    """Two lines changed over, a few times."""
    lines = raw.split(b"\n")
    for _n in range(chance.randint(1, 6)):
        one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def odd_put_in(raw: bytes, chance: Random, _: bytes) -> bytes:
    """Control and direction characters, half an encoded word, a separator."""
    at = chance.randrange(len(raw))
    return raw[:at] + chance.choice(ODD) * chance.choice((1, 1, 3, 200)) + raw[at:]


def relabelled(raw: bytes, chance: Random, _: bytes) -> bytes:
    """Another charset or encoding named than the bytes have."""
    for names in (CHARSETS, ENCODINGS):
        for name in names:
            if name in raw:
                raw = raw.replace(name, chance.choice(names))
                break
    return raw


def line_ends(raw: bytes, chance: Random, _: bytes) -> bytes:
    """Other line ends."""
    return raw.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b" ")))


MUTATIONS: tuple[Mutation, ...] = (
    flipped, cut_out, cut_off, doubled, moved, crossed, lines_mixed, odd_put_in, relabelled, line_ends,
)  # fmt: skip


def mutated(raw: bytes, chance: Random, other: bytes) -> bytes:
    """A message after one to four mutations; `other` is a second message to cross it with."""
    for mutation in chance.choices(MUTATIONS, k=chance.randint(1, 4)):
        raw = mutation(raw, chance, other) or b"\n"
    return raw


def span(raw: bytes, chance: Random) -> tuple[int, int]:
    """A piece of up to 300 bytes."""
    start = chance.randrange(len(raw))
    return start, min(len(raw), start + chance.randint(1, 300))


def scattered(text: str, chance: Random) -> str:
    """The characters of a text in any order: it looks like the trade and says nothing."""
    characters = list(text)
    chance.shuffle(characters)
    return "".join(characters)
