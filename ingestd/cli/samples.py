"""Whether the samples in the parser definitions are still read as they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any

from ingestd.domain.reading import Channel, contract
from ingestd.parsing.definitions import Definitions, Sample
from ingestd.parsing.reader import read


def broken_samples(definitions: Definitions) -> Iterator[tuple[Sample, str, Any, Any]]:
    """Samples that are read otherwise: (sample, path, expected, found)."""
    for sample in definitions.samples:
        found = contract(read(Channel(sample.channel), message_of(sample), definitions))
        for path, expected in sample.expect:
            value = at(found, path)
            if value != expected:
                yield sample, path, expected, value


def message_of(sample: Sample) -> bytes:
    """A sample as the message that the reader gets."""
    if sample.channel == "sms":
        return f"From: {sample.sender}\nDate: {sample.sent_at}\nTo: 10690000\n\n{sample.text}".encode()
    subject, date = Header(sample.subject, "utf-8").encode(), format_datetime(datetime.fromisoformat(sample.sent_at))
    head = f"From: {sample.sender}\nDate: {date}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return head.encode() + sample.text.encode()


def at(reading: dict[str, Any], path: str) -> Any:
    """What stands at a dotted path of a reading, or of its first order; a number counts within a list."""
    keys = path.split(".")
    value: Any = reading
    if keys[0] not in reading:
        value = next(iter(reading["orders"]), {})
    for key in keys:
        if isinstance(value, list):
            value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value
