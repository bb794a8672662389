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
LEFT_OUT = "attachments_left_out"  # why a person looks at what travels


def carrying_files(connection: Connection, decision: Decision, most: int) -> Decision:
    """The decision with the files of all earlier mails of the orders that it confirms, `most` bytes of them."""
    going = [c.order for c in decision.changes if c.state is OrderState.CONFIRMED]
    mails = mails_of(connection, [order.order_id for order in going])
    for order in going:
        decision = with_files(decision, order.serial, files_of(mails.get(order.order_id, ())), most)
    return decision


def files_of(raws: Iterable[bytes]) -> tuple[Attachment, ...]:
    """The files of mails, the first mail's first."""
    return tuple(a for raw in raws for a in files_in(raw))


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


def with_files(decision: Decision, serial: str, files: Sequence[Attachment], most: int) -> Decision:
    """The decision with these files in the letters of one order that show or carry them, before those that they have.

    One that came twice travels once; what is beyond `most` bytes in all is left to a person.
    """
    theirs = [w for w in decision.wanted if w.order and w.order.serial == serial and w.purpose in WITH_FILES]
    if not theirs or not files:
        return decision
    unique = {(a.name, a.payload): a for w in theirs if w.order for a in (*files, *w.order.attachments)}
    kept = fitting(unique.values(), most)
    wanted = tuple(carrying(w, kept) if w in theirs else w for w in decision.wanted)
    left_out = (serial, LEFT_OUT)
    known = len(kept) == len(unique) or left_out in decision.reviews
    return replace(decision, wanted=wanted, reviews=decision.reviews if known else (*decision.reviews, left_out))


def carrying(wanted: Wanted, files: tuple[Attachment, ...]) -> Wanted:
    """A letter with these files."""
    assert wanted.order is not None
    return replace(wanted, order=replace(wanted.order, attachments=files))
