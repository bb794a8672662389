"""How far each attempt got, noted where a killed process leaves it: a restart knows what may have left whole."""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ingestd.domain.sending import Claim, Phase

HEADER = struct.Struct("<8s36s20x")  # magic, boot id
MAGIC = b"phases1\n"
NOTE = struct.Struct("<qiB3x")  # sending id, token, phase
CODES = {Phase.CLAIMED: 1, Phase.BEGUN: 2, Phase.WHOLE: 3}
PHASES = {code: phase for phase, code in CODES.items()}
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> bytes:
    """What differs after a restart of the machine, empty where that can't be known."""
    try:
        return BOOT_ID.read_bytes().strip()[:36]
    except OSError:
        return b""


class PhaseNotes:
    """A row of notes for each sender, in shared memory backed by a file: no write to disk is waited for.

    The kernel keeps the pages when the process is killed; after a power cut the boot id differs, and the notes count
    as lost. What the process before noted stays until `begin()`: a start that fails must leave it to the next one.
    """

    def __init__(self, path: Path, senders: int, claims: int) -> None:
        self.path, self.claims = path, claims
        self.size = HEADER.size + senders * claims * NOTE.size
        self.left = read_notes(path)
        self.rows = iter(range(senders))
        self.lock = threading.Lock()
        self.fresh = path.with_name(f"{path.name}.new")
        with self.fresh.open("w+b") as file:
            os.posix_fallocate(file.fileno(), 0, self.size)  # a page without room on a full disk would be a SIGBUS
            self.memory = mmap.mmap(file.fileno(), self.size)
        HEADER.pack_into(self.memory, 0, MAGIC, boot_id())

    def begin(self) -> None:
        """What was left is taken over: from now on these notes are the ones that a restart reads."""
        self.fresh.replace(self.path)

    def row(self) -> NoteRow:
        """A row of its own for one sender."""
        with self.lock:
            number = next(self.rows)
        return NoteRow(self.memory, HEADER.size + number * self.claims * NOTE.size, self.claims)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.memory.close()


class NoteRow:
    """The notes of one sender: the claims it holds, each with its phase."""

    def __init__(self, memory: mmap.mmap, start: int, claims: int) -> None:
        self.memory, self.start, self.claims = memory, start, claims

    def hold(self, held: Sequence[Claim]) -> None:
        """These claims, none begun, take the place of those before."""
        for index in range(self.claims):
            if index < len(held):
                NOTE.pack_into(
                    self.memory, self.at(index), held[index].sending_id, held[index].token, CODES[Phase.CLAIMED]
                )
            else:
                NOTE.pack_into(self.memory, self.at(index), 0, 0, 0)

    def note(self, index: int, claim: Claim, phase: Phase) -> None:
        """The claim at this place has come to this phase."""
        NOTE.pack_into(self.memory, self.at(index), claim.sending_id, claim.token, CODES[phase])

    def at(self, index: int) -> int:
        return self.start + index * NOTE.size


def read_notes(path: Path) -> dict[tuple[int, int], Phase] | None:
    """What the process before noted, by (sending id, token); None where its notes can't be believed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < HEADER.size or HEADER.unpack_from(data)[:2] != (MAGIC, boot_id()):
        return None
    notes = NOTE.iter_unpack(data[HEADER.size : len(data) - (len(data) - HEADER.size) % NOTE.size])
    return {(sending_id, token): PHASES[code] for sending_id, token, code in notes if code in PHASES}
