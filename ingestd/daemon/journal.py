"""The log on standard output: one line a step, JSON for the journal or text for people."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from ingestd.config.settings import Logging

NOISY = (
    "mailparser",
    "mail.log",
    "apscheduler",
    "imapclient",
    "concurrent",
    "pebble",
    "asyncio",
)  # they may quote messages


WRITTEN = json.JSONEncoder(ensure_ascii=False, default=str)  # json.dumps would make one for each line


class JsonLines(logging.Formatter):
    """`{"at": ..., "level": ..., "event": ..., ids...}`"""

    def format(self, record: logging.LogRecord) -> str:
        ids = getattr(record, "ids", {})
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "event": record.getMessage(), **ids}
        return WRITTEN.encode(line)


class TextLines(logging.Formatter):
    """`10:02:03.123 INFO message.stored message=12`"""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{key}={value}" for key, value in getattr(record, "ids", {}).items())
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]
        return f"{at} {record.levelname} {record.getMessage()} {ids}".rstrip()


def set_up_log(settings: Logging) -> None:
    """Send ingestd's log to standard output in the form that the site wants; libraries speak only of errors."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("ingestd").setLevel(settings.level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
