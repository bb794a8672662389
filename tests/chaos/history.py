"""What happened in a run, a JSON object a line: what was sent, what struck, what was seen."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path


class History:
    """Lines in a file, from any thread."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def note(self, what: str, **facts: object) -> None:
        """Something happened just now."""
        passed = round(time.monotonic() - self._began, 3)
        line = {"seconds": passed, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what, **facts}
        with self._lock, self.file.open("a") as out:
            out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
