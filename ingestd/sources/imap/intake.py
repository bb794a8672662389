"""Which mails of a folder are to be taken in, and in which portions: decisions only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo

from ingestd.domain.message import FolderState
from ingestd.sources.imap.session import Facts

EVER = datetime(1970, 1, 1, tzinfo=UTC)
STRIKES = 5  # connections lost over one mail fetched alone, before a person must look at it
BATCH_BYTES = 4_000_000  # a fetch; a larger mail is fetched alone


@dataclass(frozen=True, slots=True)
class Start:
    """What counts as baseline at the first sight of a folder."""

    said: str  # "now", "all" or a date, as configured
    zone: tzinfo  # of the date

    def first_sight(self, state: FolderState, highest: int, now: datetime) -> FolderState:
        """The state of a folder seen for the first time whose highest UID is `highest`."""
        if self.said == "now":
            return replace(state, watermark=highest, baseline_uid=highest, first_seen_at=now)
        if self.said == "all":
            return replace(state, watermark=0, baseline_uid=0, first_seen_at=EVER)
        began = datetime.combine(date.fromisoformat(self.said), time(), self.zone).astimezone(UTC)
        return replace(state, watermark=0, baseline_uid=highest, first_seen_at=began)


def begun_again(state: FolderState, uidvalidity: int, highest: int) -> FolderState:
    """The state under a new UIDVALIDITY: everything is listed again, what arrived before first sight stays baseline."""
    return replace(state, uidvalidity=uidvalidity, watermark=0, baseline_uid=highest)


def is_wanted(state: FolderState, facts: Facts) -> bool:
    """Whether a mail is ours: it came after we first saw the folder, or arrived at or after the set start."""
    return facts.uid > state.baseline_uid or facts.arrived_at is None or facts.arrived_at >= state.first_seen_at


def source_key(state: FolderState, uid: int) -> str:
    """The delivery's name for ever."""
    return f"imap/{state.account}/{state.folder}/{state.uidvalidity}/{uid}"


def look_back_from(state: FolderState, look_back: int) -> int:
    """The first UID to list again: the last `look_back` ones above the baseline, and all above the watermark."""
    return min(state.watermark, max(state.baseline_uid, state.watermark - look_back)) + 1


def batches(mails: Iterable[Facts], most: int, strikes: Mapping[int, int]) -> Iterator[list[Facts]]:
    """Portions of at most `most` mails and BATCH_BYTES bytes; one over which a connection was lost goes alone, last."""
    mails = list(mails)
    batch: list[Facts] = []
    size = 0
    for mail in (m for m in mails if m.uid not in strikes):
        if batch and (len(batch) >= most or size + mail.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += mail.size
    if batch:
        yield batch
    for mail in sorted((m for m in mails if m.uid in strikes), key=lambda m: (strikes[m.uid], m.uid)):
        yield [mail]


def after_loss(strikes: Mapping[int, int], batch: list[Facts]) -> dict[int, int]:
    """The strikes after a connection was lost over `batch`: a lone mail gets one, several are only to go alone."""
    if len(batch) == 1:
        uid = batch[0].uid
        return {**strikes, uid: strikes.get(uid, 0) + 1}
    return {**{mail.uid: 0 for mail in batch}, **strikes}
