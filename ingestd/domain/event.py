"""Log lines: one a step, an event's name and ids, never a body, phone or secret."""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("ingestd")


def log(event: str, level: int = logging.INFO, **ids: object) -> None:
    """Write one step: `log("message.stored", message=12, account="orders")`."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, event, extra={"ids": ids})


def place_of(error: BaseException) -> str:
    """Type and innermost line of an error, without its text: that may hold words of a message."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}", trace.tb_next
    return f"{type(error).__name__} at {place}"
