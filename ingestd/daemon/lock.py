"""The run lock: a second daemon on the same data folder refuses to start."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another daemon holds the data folder."""

    permanent = True


class RunLock:
    """Held by the running daemon; the kernel lets go of it however the process ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "ingestd.lock"
        self.file = self.path.open("a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.file.seek(0)
            holder = self.file.read().strip() or "unknown"
            self.file.close()
            raise AlreadyRunningError(
                f"{self.path}: another ingestd runs on this data folder (process {holder}); stop it first"
            ) from error
        self.file.truncate(0)
        self.file.write(str(os.getpid()))
        self.file.flush()

    @staticmethod
    def holder(folder: Path) -> int | None:
        """The process that holds the data folder; None where none does, whatever the file says."""
        try:
            with (folder / "ingestd.lock").open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(file.read().strip() or 0) or None
        except (FileNotFoundError, ValueError):
            pass
        return None

    def release(self) -> None:
        """Let another one run."""
        self.file.close()
