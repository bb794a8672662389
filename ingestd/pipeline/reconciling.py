"""Mailbox, store and outbox compared: proof that nothing is lost, or the list of what does not add up. Only looks."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from imapclient.exceptions import IMAPClientError

from ingestd.config.settings import ImapAccount
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.message import FolderState
from ingestd.domain.reading import Channel
from ingestd.pipeline.workshop import Workshop
from ingestd.sources.imap.intake import batches, begun_again, is_wanted, source_key
from ingestd.sources.imap.session import Facts, RefusedError, Session, told
from ingestd.store.alarms import clear_alarms, open_alarm
from ingestd.store.database import Database
from ingestd.store.ledger import Discrepancy, discrepancies
from ingestd.store.messages import core_hash, folder_state, unknown_hashes, unknown_keys

SPAN = 20_000  # UIDs a listing
BLOCK = 500  # mails whose size and date are asked for at once
BATCH = 50  # mails fetched at once
ON_ITS_WAY = timedelta(minutes=2)  # a mail that came so lately may well be taken in at this moment
PART, KIND = "books", "reconcile"  # of the alarm
LATELY = timedelta(days=2)  # how far back the daemon looks each hour


@dataclass(frozen=True, slots=True)
class FolderCount:
    """One folder as it was seen."""

    account: str
    folder: str
    mails: int
    stored: int  # under the mail's own key
    by_content: int  # moved or copied here: their bytes are stored under another key
    baseline: int  # were there before ingestd
    on_the_way: int  # came just now


@dataclass(frozen=True, slots=True)
class Compared:
    """One folder beside the store: its counts, and the mails that are nowhere."""

    count: FolderCount
    missing: tuple[Discrepancy, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """At which moment the folders are compared, and how far back."""

    now: datetime
    since: datetime  # mails that arrived before are not asked for


def compare_account(account: ImapAccount, database: Database, look: Look) -> Iterator[Compared | Discrepancy]:
    """Each folder of an account beside the store, the one for what is done with too; a discrepancy where it is shut."""
    done = (account.processed_folder,) if account.processed_folder else ()
    try:
        session = Session.opened(account)
    except (RefusedError, IMAPClientError, OSError) as error:
        yield Discrepancy("mailbox_unreached", f"mailbox {account.name}", None, told(error))
        return
    try:
        for folder in (*account.folders, *done):
            try:
                yield compare_folder(account, folder, session, database, look)
            except IMAPClientError as error:
                yield Discrepancy("mailbox_unreached", f"mailbox {account.name}/{folder}", None, told(error))
            failpoint("reconcile.mid")
    except OSError as error:
        yield Discrepancy("mailbox_unreached", f"mailbox {account.name}", None, told(error))
    finally:
        session.close()


def compare_folder(account: ImapAccount, folder: str, session: Session, database: Database, look: Look) -> Compared:
    """One folder beside the store. What it lists is looked for in the store afterwards, so that none slips by."""
    state, watched = state_of(account, folder, session, database)
    uids = all_uids(session)
    keys = {source_key(state, uid): uid for uid in uids}
    with database.read() as connection:
        unknown = sorted(keys[key] for key in unknown_keys(connection, keys))
    facts = [fact for block in blocks(unknown) for fact in facts_of(session, block)]
    wanted = [mail for mail in facts if is_wanted(state, mail) and not (mail.arrived_at or look.now) < look.since]
    absent = [mail for batch in batches(wanted, BATCH, {}) for mail in not_stored(session, batch, database)]
    late = [mail for mail in absent if (mail.arrived_at or look.since) < look.now - ON_ITS_WAY]
    count = FolderCount(
        account.name, folder, len(uids), len(uids) - len(unknown), len(wanted) - len(absent),
        len(facts) - len(wanted), len(absent) - len(late),
    )  # fmt: skip
    missing = tuple(
        Discrepancy(next_of(mail, state, account, watched), f"mail {account.name}/{folder}/{mail.uid}", mail.arrived_at)
        for mail in late
    )
    return Compared(count, missing)


def state_of(account: ImapAccount, folder: str, session: Session, database: Database) -> tuple[FolderState, bool]:
    """How far a folder is taken in, and whether it is watched; of one that never was, all since first sight counts."""
    uidvalidity = session.enter(folder, writable=False)
    with database.read() as connection:
        states = [folder_state(connection, account.name, name) for name in (folder, *account.folders)]
    own, known = states[0], [state for state in states if state]
    if own and own.uidvalidity == uidvalidity:
        return own, True
    if own:
        return begun_again(own, uidvalidity, session.highest()), True
    highest = session.highest()
    if not known:  # nothing of the account was ever looked at; the daemon will say what is baseline
        return FolderState(account.name, folder, uidvalidity, highest, highest, datetime.max.replace(tzinfo=UTC)), False
    first = min(known, key=lambda state: state.first_seen_at)
    return replace(first, folder=folder, uidvalidity=uidvalidity, watermark=highest, baseline_uid=highest), False


def all_uids(session: Session) -> list[int]:
    """Every UID of the open folder."""
    highest = session.highest()
    spans = range(1, highest + 1, SPAN)
    return [uid for first in spans for uid in session.listed(first, min(first + SPAN - 1, highest))]


def blocks(uids: Sequence[int]) -> Iterator[list[int]]:
    """UIDs in portions."""
    for at in range(0, len(uids), BLOCK):
        yield list(uids[at : at + BLOCK])


def facts_of(session: Session, uids: list[int]) -> list[Facts]:
    """Size and date of those that are still there."""
    facts, unreadable = session.facts(uids)
    return [*facts.values(), *(Facts(uid, 0, None) for uid in unreadable)]


def not_stored(session: Session, batch: list[Facts], database: Database) -> list[Facts]:
    """Those of a batch whose content is stored nowhere; one that went meanwhile is not missing."""
    bodies, unreadable = session.bodies([mail.uid for mail in batch])
    hashes = {uid: (sha256(raw).hexdigest(), core_hash(raw, Channel.EMAIL)) for uid, raw in bodies.items()}
    with database.read() as connection:
        unknown = unknown_hashes(connection, {h for pair in hashes.values() for h in pair})
    return [
        mail
        for mail in batch
        if mail.uid in unreadable or (mail.uid in hashes and unknown.issuperset(hashes[mail.uid]))
    ]


def next_of(mail: Facts, state: FolderState, account: ImapAccount, watched: bool) -> str:
    """What will become of a mail that is not stored, as the kind of its discrepancy."""
    if not watched:
        return "mail_not_watched"
    if mail.uid > state.watermark:
        return "mail_not_taken"
    return "mail_left_out" if mail.uid > state.watermark - account.look_back else "mail_lost_sight_of"


class ReconcileStep:
    """The daemon's own look at its books, each hour: a person is told where they do not add up."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop

    def step(self) -> None:
        """One look at what came in lately."""
        now = self.shop.clock.now()
        with self.shop.database.read() as connection:
            found = list(discrepancies(connection, now, now - LATELY))
        if not found:
            self.shop.writer.run(lambda c: clear_alarms(c, PART, KIND, now))
            return
        named = ", ".join(f"{one.what} ({one.kind})" for one in found[:5])
        log("books.discrepancies", logging.ERROR, count=len(found), first=named)
        self.shop.writer.run(lambda c: open_alarm(c, PART, KIND, f"{len(found)}: {named}", now))
