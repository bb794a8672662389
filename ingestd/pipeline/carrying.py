"""The files that travel with a work order: those of every message that the order came from, from the stored bytes."""

from __future__ import annotations

import email
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from email.errors import MessageError

from sqlalchemy import Connection

from ingestd.checks.dispatch import fitting
from ingestd.domain.decision import Decision, Wanted
from ingestd.domain.event import log
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Attachment
from ingestd.domain.sending import Purpose
from ingestd.parsing import limits, mime
from ingestd.store.acts import mails_of

WITH_FILES = (Purpose.WORK_ORDER, Purpose.WORK_ORDER_COPY, Purpose.ACKNOWLEDGEMENT)  # the last one names them


def carrying_files(connection: Connection, decision: Decision, most: int) -> Decision:
    """The decision with the files of all earlier mails of the orders that it confirms, `most` bytes of them."""
    going = [c.order for c in decision.changes if c.state is OrderState.CONFIRMED]
    mails = mails_of(connection, [order.order_id for order in going])
    for order in going:
        files = files_of(mails.get(order.order_id, ()), most)
        decision = with_files(decision, order.serial, files)
    return decision


def files_of(raws: Iterable[bytes], most: int) -> tuple[Attachment, ...]:
    """The files of mails, the first mail's first; one that came twice travels once; `most` bytes in all."""
    unique = {(a.name, a.payload): a for raw in raws for a in files_in(raw)}
    return fitting(unique.values(), most)


def files_in(raw: bytes) -> tuple[Attachment, ...]:
    """The files of one mail as the reader has them; a mail that can't be taken apart any more has none."""
    if limits.refuse(raw):
        return ()
    try:
        mail = email.message_from_bytes(raw)
        return mime.attachments(mail, mime.leaves(mail))
    except (MessageError, RecursionError, UnicodeError, LookupError, ValueError, AttributeError, TypeError):
        log("attachments.unread", logging.WARNING)
        return ()


def with_files(decision: Decision, serial: str, files: Sequence[Attachment]) -> Decision:
    """The decision with these files in the work orders of one order, before those that they have."""
    return replace(decision, wanted=tuple(carrying(w, serial, files) for w in decision.wanted)) if files else decision


def carrying(wanted: Wanted, serial: str, files: Sequence[Attachment]) -> Wanted:
    """A letter with files, where it is one of that order's that shows or carries them."""
    view = wanted.order
    if view is None or view.serial != serial or wanted.purpose not in WITH_FILES:
        return wanted
    both = {(a.name, a.payload): a for a in (*files, *view.attachments)}
    return replace(wanted, order=replace(view, attachments=tuple(both.values())))
