"""One watched folder: what of it is taken in, and how the rest gets in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from ingestd.config.settings import ImapAccount
from ingestd.domain.clock import Clock
from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.message import Arrival, FolderState, Inbox
from ingestd.domain.reading import Channel
from ingestd.sources.imap.intake import (
    STRIKES,
    Start,
    after_loss,
    batches,
    begun_again,
    is_wanted,
    look_back_from,
    source_key,
)
from ingestd.sources.imap.session import LOST, Facts, Session, told

BLOCK = 500  # mails whose size and date are asked for at once
GIVEN_UP = "the connection is lost whenever it is fetched"
SPAN = 20_000  # UIDs a listing; in one line of SEARCH they must stay below imaplib's limit of a megabyte

Mark = tuple[int, datetime | None]  # size and arrival


@dataclass(frozen=True, slots=True)
class Intake:
    """What a folder needs of its surroundings."""

    inbox: Inbox
    clock: Clock
    start: Start
    alive: Callable[[int], None]  # with the bytes that the next step may take
    well: Callable[[], None]  # something was stored, so connection and store are in order
    go_on: Callable[[], bool]
    folders: Callable[[], Sequence[Folder]]  # all that are watched


class StoppedError(Exception):
    """The source is being stopped."""


class Folder:
    """A folder of an account, and how far it is taken in."""

    def __init__(self, account: ImapAccount, name: str, intake: Intake) -> None:
        self.name = name
        self._account = account
        self._intake = intake
        self._state: FolderState | None = None
        self._strikes: dict[int, int] = {}  # connections lost over a UID that was fetched alone
        self._sure = False  # that nothing above the watermark is stored

    @property
    def state(self) -> FolderState:
        """How far the folder is taken in; only after `enter`."""
        assert self._state is not None
        return self._state

    @property
    def _writable(self) -> bool:
        return self._account.processed_folder is not None

    def enter(self, session: Session) -> None:
        """Open the folder, and begin it where it is new or has a new UIDVALIDITY."""
        uidvalidity = session.enter(self.name, writable=self._writable)
        self._state = self._state or self._intake.inbox.folder(self._account.name, self.name)
        if self._state is None:
            self._begin(session, uidvalidity)
        elif self._state.uidvalidity != uidvalidity:
            self._begin_again(session, uidvalidity)

    def _begin(self, session: Session, uidvalidity: int) -> None:
        now = self._intake.clock.now()
        unseen = FolderState(self._account.name, self.name, uidvalidity, 0, 0, now)
        state = self._intake.start.first_sight(unseen, session.highest(), now)
        self._keep([], state)
        self._log("imap.first_sight", uidvalidity=uidvalidity, baseline_uid=state.baseline_uid)

    def _begin_again(self, session: Session, uidvalidity: int) -> None:
        self._log("imap.uidvalidity_changed", logging.WARNING, before=self.state.uidvalidity, now=uidvalidity)
        self._strikes = {}
        self._keep([], begun_again(self.state, uidvalidity, session.highest()))

    def catch_up(self, session: Session) -> None:
        """After a connect, and now and then: list the last UIDs and all above them for what is not stored yet.

        So mail is found that was moved in, that was listed late, or that the server's SEARCH leaves out.
        """
        self._sure = False
        first, highest = look_back_from(self.state, self._account.look_back), session.highest()
        while first + SPAN <= highest:
            last = first + SPAN - 1
            self._take(session, session.listed(first, last))
            self._keep([], self._advanced(last))
            first = last + 1
        self._take(session, session.listed(first))
        self._sure = True

    def look(self, session: Session) -> None:
        """Take in every mail above the watermark."""
        self._take(session, session.uids(self.state.watermark + 1))

    def _take(self, session: Session, uids: list[int]) -> None:
        for at in range(0, len(uids), BLOCK):
            self._take_block(session, uids[at : at + BLOCK])

    def _take_block(self, session: Session, uids: list[int]) -> None:
        mails = self._wanted(session, uids)
        pending = {mail.uid for mail in mails}
        for batch in batches(mails, self._account.batch, self._strikes):
            arrivals = list(self._arrivals(session, batch))
            failpoint("fetch.after_body")
            pending -= {mail.uid for mail in batch}
            self._keep(arrivals, self._advanced(min(pending) - 1 if pending else uids[-1]))
            self._forgive(batch)
            self._put_away(session, arrivals)
        self._keep([], self._advanced(uids[-1]))

    def _wanted(self, session: Session, uids: list[int]) -> list[Facts]:
        """The mails to fetch; one of which the server says nothing is asked for all the same."""
        self._intake.alive(0)
        keys = {uid: source_key(self.state, uid) for uid in uids}
        if not self._sure or self._strikes:
            unknown = self._intake.inbox.unknown(keys.values())
            uids = [uid for uid in uids if keys[uid] in unknown]
        facts, _ = session.facts(uids)
        mails = [facts.get(uid) or Facts(uid, 0, None) for uid in uids]
        return [mail for mail in mails if is_wanted(self.state, mail)]

    def _arrivals(self, session: Session, batch: list[Facts]) -> Iterator[Arrival]:
        """The batch as arrivals, without those that vanished meanwhile."""
        if not self._intake.go_on():
            raise StoppedError
        self._intake.alive(sum(mail.size for mail in batch))
        given_up = {m.uid: GIVEN_UP for m in batch if self._strikes.get(m.uid, 0) >= STRIKES}
        large = [m for m in batch if m.size > self._account.largest and m.uid not in given_up]
        whole = [m for m in batch if m not in large and m.uid not in given_up]
        failpoint("fetch.before_body")
        try:
            bodies, unreadable, vanished = self._whole(session, whole)
            headers, _ = session.headers([mail.uid for mail in large])
            lost = self._lost(session, vanished)
        except LOST:
            self._strikes = after_loss(self._strikes, batch)
            raise
        troubles = given_up | unreadable | {m.uid: self._too_large(m) for m in large}
        for mail in batch:
            if mail.uid in troubles or mail.uid in bodies:
                yield self._arrival(mail, bodies.get(mail.uid, headers.get(mail.uid, b"")), troubles.get(mail.uid))
        if lost:
            yield self._arrival(lost[0], b"", went_unread(self.name, lost))

    def _whole(self, session: Session, mails: list[Facts]) -> tuple[dict[int, bytes], dict[int, str], list[Facts]]:
        """The bytes of each mail that is still there; the reason for each that can't be had; those that vanished."""
        bodies, unreadable = session.bodies([mail.uid for mail in mails])
        for mail in mails:
            if mail.uid in bodies and len(bodies[mail.uid]) != mail.size > 0:
                self._compare(session, mail, bodies)
        missing = [mail for mail in mails if mail.uid not in bodies and mail.uid not in unreadable]
        there = session.still_there([mail.uid for mail in missing]) if missing else set()
        for uid in there:
            again, reason = session.bodies([uid])
            bodies |= again
            unreadable |= reason if again or reason else {uid: "the server lists it and gives no bytes"}
        return bodies, unreadable, [mail for mail in missing if mail.uid not in there]

    def _lost(self, session: Session, vanished: list[Facts]) -> list[Facts]:
        """Those of the mails that vanished unread which were not moved to another folder that is watched."""
        if not vanished:
            return []
        moved: set[Mark] = set()
        for folder in self._intake.folders():
            moved |= folder.untaken(session) if folder is not self else set()
        session.enter(self.name, writable=self._writable)
        lost = [mail for mail in vanished if mark(mail) not in moved]
        self._log("imap.vanished", logging.WARNING, uids=[mail.uid for mail in vanished], lost=len(lost))
        return lost

    def untaken(self, session: Session) -> set[Mark]:
        """The marks of what lies in this folder and is not taken in yet, which opens it; none where it can't be."""
        if self._state is None:
            return set()
        try:
            session.enter(self.name, writable=False)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return set()
        facts, _ = session.facts(session.uids(self.state.watermark + 1))
        return {mark(mail) for mail in facts.values() if mail.arrived_at}

    def _compare(self, session: Session, mail: Facts, bodies: dict[int, bytes]) -> None:
        """Fetch again what differs from its announced size; some servers misreport, so the longer one counts."""
        again, _ = session.bodies([mail.uid])
        bodies[mail.uid] = max(bodies[mail.uid], again.get(mail.uid, b""), key=len)
        self._log("imap.size_differs", logging.WARNING, uid=mail.uid, said=mail.size, got=len(bodies[mail.uid]))

    def _too_large(self, mail: Facts) -> str:
        return f"too large: {mail.size} bytes, the limit is {self._account.largest}"

    def _arrival(self, mail: Facts, raw: bytes, trouble: str | None) -> Arrival:
        return Arrival(
            account=self._account.name,
            source_key=source_key(self.state, mail.uid),
            channel=Channel.EMAIL,
            raw=raw,
            arrived_at=arrived(mail.arrived_at, self._intake.clock.now()),
            position=mail.uid,
            trouble=trouble,
        )

    def _advanced(self, uid: int) -> FolderState:
        return replace(self.state, watermark=max(self.state.watermark, uid))

    def _keep(self, arrivals: list[Arrival], state: FolderState) -> None:
        """Store, and only then believe it."""
        if arrivals or state != self._state:
            self._intake.inbox.store(arrivals, state)
            self._state = state
        if arrivals:
            self._intake.well()
            self._log("imap.stored", messages=len(arrivals), watermark=state.watermark)

    def _forgive(self, batch: list[Facts]) -> None:
        for mail in batch:
            self._strikes.pop(mail.uid, None)

    def _put_away(self, session: Session, arrivals: list[Arrival]) -> None:
        """Move what is stored where people want it; cosmetic, so a refusal is only logged."""
        target = self._account.processed_folder
        uids = [arrival.position for arrival in arrivals if arrival.trouble is None]
        if target is None or not uids:
            return
        try:
            if not session.move(uids, target):
                self._log("imap.cannot_move", logging.WARNING, reason="the server has neither MOVE nor UIDPLUS")
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            self._log("imap.cannot_move", logging.WARNING, reason=told(error))

    def _log(self, event: str, level: int = logging.INFO, **ids: object) -> None:
        log(event, level=level, account=self._account.name, folder=self.name, **ids)


def mark(mail: Facts) -> Mark:
    """What a mail keeps when it is moved, as far as the server told before it was fetched."""
    return mail.size, mail.arrived_at


def went_unread(folder: str, mails: Sequence[Facts]) -> str:
    """Why a person is told of mails whose bytes nobody has kept; faults.md F50, F51."""
    first = mails[0]
    seen = f"{first.size} bytes, arrived {first.arrived_at}" if first.arrived_at else "its size and arrival are unknown"
    if len(mails) == 1:
        return f"deleted or moved away from {folder} before it could be read: {seen}"
    return f"{len(mails)} mails were deleted or moved away from {folder} before they could be read; the first: {seen}"


def arrived(said: datetime | None, now: datetime) -> datetime:
    """The server's time of arrival, never later than ours; faults.md 2.9."""
    return min(said, now) if said else now
