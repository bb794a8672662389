"""What was seen of a month held against the model: all that had to come came between a and b, and nothing else did."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest

from tests.month.life import AWAITING, BEFORE_PICKUP, Duty, Given, Life, Move
from tests.month.rules import BY_NAME, HALF_HOUR, MINUTE, PROMISE, Rules
from tests.month.script import Script
from tests.month.seen import Line, Seen, Sent, Stands
from tests.month.site import LOCAL, STAFF, Person
from tests.month.world import Heard

SLACK = timedelta(seconds=5)  # between a moment and what the ticker does then
MOST_LISTED = 20  # orders in one message
WORK_ORDERS = ("work_order", "work_order_copy")
HANDED = (*WORK_ORDERS, "work_order_rest")
NEVER = datetime(9000, 1, 1, tzinfo=LOCAL)
STATES = {
    "asked": "review", "review": "review", "offered": "offered", "confirmed": "untaken", "dispatched": "untaken",
    "taken": "taken", "picked_up_partly": "partly", "picked_up": "picked_up", "in_transit": "in_transit",
    "arrived": "arrived", "held": "held", "out_for_delivery": "out", "problem": "problem", "delivered": "delivered",
    "receipt_returned": "receipt", "closed": "closed", "cancelled": "cancelled",
}  # fmt: skip
CALLED = ("not_accepted", "pickup_escalated", "delivery_escalated")


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an order, or with the messages to a person."""

    order: int | None
    at: datetime
    words: str

    def __str__(self) -> str:
        about = f"order {self.order}: " if self.order is not None else ""
        return f"{self.at.astimezone(LOCAL):%m-%d %H:%M:%S} {about}{self.words}"


@dataclass(frozen=True)
class Verdict:
    """What the judge has to say of a month, and how much he has seen."""

    complaints: tuple[Complaint, ...]
    orders: int
    happenings: int
    chases: int  # lines of follow-ups in the records, each of them judged
    escalations: int  # of these


@dataclass
class Judge:
    """Goes through a month once, in the order of time."""

    script: Script
    seen: Seen

    def __post_init__(self) -> None:
        self.rules = Rules(self.script.calendar)
        self.complaints: list[Complaint] = []
        self.tried = {attempt.sending_id: attempt for attempt in self.seen.attempts}  # the last time
        self.notices: list[Sent] = []
        self.work_orders: dict[int, list[Sent]] = defaultdict(list)
        self.chased_at: dict[str, list[datetime]] = defaultdict(list)  # by recipient
        self.asked_at: dict[tuple[str, datetime], set[int]] = defaultdict(set)  # orders, by name of who is asked
        for sent in self.seen.sent:
            if sent.is_chase:
                self.chased_at[sent.recipient].append(sent.created)
            if sent.purpose == "notice":
                self.notices.append(sent)
            if sent.purpose in (*HANDED, "cancellation") and sent.order is not None:
                self.work_orders[sent.order].append(sent)
        for line in self.seen.lines:
            if (ask := BY_NAME.get(name_of(line))) and ask.together:
                self.asked_at[str(line.data.get("who", "")), line.at].add(line.order)
        self.lives = {order.number: self.life(order.number) for order in self.script.orders}
        self.chases = self.escalations = 0

    def life(self, number: int) -> Life:
        """The life of an order that is yet to begin."""
        return Life(self.script.orders[number], self.rules, lambda at: self.had_by(number, at))

    def had_by(self, number: int, at: datetime) -> set[str]:
        """Who was given the work order of an order before a moment."""
        sent = [s for s in self.work_orders[number] if s.purpose == "work_order" and s.created < at]
        ways = {s.recipient for s in sent if s.state != "withdrawn" or not s.changed or s.changed >= at}
        return {person.number for person in STAFF.values() if {person.mail, person.phone} & ways}

    def complain(self, order: int | None, at: datetime, words: str) -> None:
        """Something is wrong."""
        self.complaints.append(Complaint(order, at, words))

    def judge(self) -> Verdict:
        """The whole month."""
        for turn in self.turns():
            self.see(turn)
        for life in self.lives.values():
            self.nothing_missing(life, self.script.calendar.ends)
            self.stands(life)
            self.promise_kept(life)
            self.nothing_outdated(life)
            self.holders_told(life)
            self.noticed(life)
        self.half_hours()
        wrong = tuple(sorted(self.complaints, key=lambda one: one.at))
        return Verdict(wrong, len(self.seen.serials), len(self.seen.heard), self.chases, self.escalations)

    def turns(self) -> Iterator[Sequence[Heard] | Line | Sent]:
        """What was heard, message by message, and what was done about it; of one moment the hearing first."""
        messages: dict[int, list[Heard]] = defaultdict(list)
        for one in self.seen.heard:
            messages[one.message].append(one)
        turns: list[tuple[datetime, int, Sequence[Heard] | Line | Sent]] = []
        turns += [(several[0].at, 0, several) for several in messages.values()]
        turns += [(sent.created, 1, sent) for sent in self.seen.sent if sent.is_chase]
        turns += [(line.at, 2, line) for line in self.seen.lines if line.kind in KINDS]
        yield from (turn for *_, turn in sorted(turns, key=lambda turn: turn[:2]))

    def see(self, turn: Sequence[Heard] | Line | Sent) -> None:
        """One thing after the other."""
        if isinstance(turn, Line):
            self.asked(self.lives[turn.order], turn)
        elif isinstance(turn, Sent):
            self.chased(turn)
        else:
            self.hear(turn)

    # --- what is heard ---

    def hear(self, several: Sequence[Heard]) -> None:
        """One message, about one order or several; of several none moves where one is not his."""
        first = several[0]
        if first.kind == "accepted_all":
            concerned = [life for life in self.lives.values() if life.state == "untaken"]
            told = [(life, first) for life in concerned if life.in_place_of(first) == life.dispatcher]
        else:
            told = [(self.lives[one.order], one) for one in several if one.order is not None]
            if first.is_report and not all(life.is_his(one) for life, one in told):
                return
        for life, one in told:
            self.nothing_missing(life, one.at)
            life.hear(one)

    # --- what is asked ---

    def asked(self, life: Life, line: Line) -> None:
        """A line of a follow-up: it was due, not before its time and not after it, and went to the right person."""
        self.chases += 1
        number, name = life.wanted.number, name_of(line)
        duty = life.duties.get(name)
        if duty is None:
            self.complain(number, line.at, f"{name} though nothing of it is to be asked ({life.state})")
            return
        self.escalations += name.endswith("_escalated") or (name == "not_accepted" and duty.time > 1)
        who = life.person(duty.ask, duty.time, line.at)
        latest = self.latest(life, duty)
        if duty.on_hold and life.is_held:
            self.complain(number, line.at, f"{name} of goods on hold")
        elif line.at < duty.due:
            self.complain(number, line.at, f"{name} {duty.time} too early: due {shown(duty.due)}")
        elif line.at > latest + SLACK:
            self.complain(number, line.at, f"{name} {duty.time} too late: due {shown(duty.due)}, by {shown(latest)}")
        elif life.may_be_asked(duty, who, line.at) > line.at:
            self.complain(number, line.at, f"{name} {duty.time} at an hour that is not {who.name if who else 'ours'}")
        if duty.ask.together:
            self.went_to(life, line, who)
        life.asked(duty, line.at)
        if name.startswith("closing"):
            life.move(line.at, "closed")
            life.duties.clear()

    def went_to(self, life: Life, line: Line, who: Person | None) -> None:
        """It is in a message to who is to be asked, and he is phoned where that belongs to it."""
        number, name = life.wanted.number, name_of(line)
        if who is None or line.data.get("who") != who.name:
            self.complain(number, line.at, f"{name} went to {line.data.get('who')}, not to {who.name if who else '-'}")
            return
        if line.at not in self.chased_at[who.address]:
            self.complain(number, line.at, f"{name} is on record, and nothing was sent to {who.name}")
        if name in CALLED and who.phone and not self.is_phoned(who, line.at):
            self.complain(number, line.at, f"{name}: {who.name} is not phoned")

    def chased(self, sent: Sent) -> None:
        """A message to one person: it asks something, of orders that are his, and lists all of them that are open."""
        who = next(person for person in STAFF.values() if person.address == sent.recipient)
        asked = self.asked_at[who.name, sent.created]
        if not asked:
            self.complain(None, sent.created, f"a {sent.purpose} to {who.name} about nothing")
        if sent.channel != "email":
            return
        serials = sent.serials
        named = {number for number, serial in self.seen.serials.items() if serial in serials}
        his = {n for n, life in self.lives.items() if life.state in AWAITING and self.is_with(life, who, sent.created)}
        for number in sorted(named - his - asked):
            self.complain(
                number, sent.created, f"named in a {sent.purpose} to {who.name}, who has nothing to do with it"
            )
        left_out = sorted(asked - named) + (sorted(his - named) if sent.purpose == "chase" else [])
        if left_out and len(named) < MOST_LISTED:
            self.complain(left_out[0], sent.created, f"not named in the {sent.purpose} to {who.name}")

    def is_with(self, life: Life, who: Person, at: datetime) -> bool:
        """Whether somebody has an order, or stands in for who has it."""
        return who.number in (life.dispatcher, self.rules.stand_in(life.dispatcher, at))

    def nothing_missing(self, life: Life, now: datetime) -> None:
        """What had to be asked before a moment was asked."""
        for duty in list(life.duties.values()):
            latest = self.latest(life, duty)
            if latest + SLACK < now:
                who = life.person(duty.ask, duty.time, latest)
                name = who.name if who else "nobody"
                self.complain(
                    life.wanted.number, latest,
                    f"{duty.ask.name} {duty.time} never came: due {shown(duty.due)}, to {name}",
                )  # fmt: skip
                life.duties.pop(duty.ask.name)

    def latest(self, life: Life, duty: Duty) -> datetime:
        """The latest moment of it: by duty, desk and quiet hours, the half hour after a message, and standstills."""
        if duty.on_hold or (life.state == "held" and duty.ask.name.startswith("delivery_")):
            return NEVER
        at = life.first_moment(duty)
        while True:
            who = life.person(duty.ask, duty.time, at)
            after = self.script.up_at(life.may_be_asked(duty, who, at))
            if after == at and duty.ask.together and who:
                after = self.free_at(who, at, life.wanted.number)
            if after == at:
                return at
            at = after

    def free_at(self, who: Person, at: datetime, number: int) -> datetime:
        """When he may be written to again; later where the message at that moment was full."""
        times = self.chased_at[who.address]
        before = times[bisect_left(times, at) - 1] if bisect_left(times, at) else None
        if before and at - before < HALF_HOUR:
            return before + HALF_HOUR
        asked = self.asked_at[who.name, at]
        return at + HALF_HOUR if len(asked) >= MOST_LISTED and number not in asked else at

    # --- in the end ---

    def stands(self, life: Life) -> None:
        """The order made the moves of the rules when it was heard of, and stands where they put it."""
        number = life.wanted.number
        there = self.seen.stands.get(number)
        if there is None:
            return
        made = list(self.moves(number))
        for one, other in zip_longest(made, life.moves[1:]):
            if one != other:
                self.complain(number, (one or other).at, f"moved {one}, by the rules {other}")
                return
        if STATES[there.state] != life.state:
            self.complain(number, self.script.calendar.ends, f"is {there.state}, by the rules {life.state}")
        self.dates(life, there)

    def moves(self, number: int) -> Iterator[Move]:
        """What its record says of its states, as far as the rules tell them apart."""
        for line in self.seen.lines:
            if line.order == number and line.kind == "moved":
                after = STATES[line.data["to"]]
                if after != STATES[line.data["from"]]:
                    yield Move(line.at, after)

    def dates(self, life: Life, there: Stands) -> None:
        """Its deadlines and its dispatcher are those of the rules."""
        pairs: list[tuple[str, object, object]] = [("deliver by", there.deliver_by, life.deliver_by)]
        if life.given:
            start = life.given[-1].since
            pairs += [("pickup by", there.pickup_by, life.pickup_by), ("promise since", there.clock_start, start)]
        if life.given and life.state in BEFORE_PICKUP:
            pairs.append(("dispatcher", there.dispatcher, life.dispatcher))
        for what, is_so, ought in pairs:
            if is_so != ought:
                self.complain(life.wanted.number, self.script.calendar.ends, f"{what} {is_so}, by the rules {ought}")

    def promise_kept(self, life: Life) -> None:
        """Each work order, and each change, was accepted within three minutes of its start (§4)."""
        ends = [given.at for given in life.given[1:]] + [life.called_off or NEVER]
        for given, end in zip(life.given, ends, strict=False):
            first = next((move.at for move in life.moves if move.at > given.at), NEVER)
            person = STAFF[given.dispatcher]
            for channel, there in (("email", person.mail), ("sms", person.phone)):
                by = self.promised(given, person, channel)
                if there and by < min(end, first, self.script.calendar.ends):
                    self.accepted_by(life, given, channel, by)

    def promised(self, given: Given, person: Person, channel: str) -> datetime:
        """Until when: three minutes from the start, from the daemon's, or for a text message from duty."""
        start = given.since
        if channel == "sms":
            begins = self.rules.begins_duty(person, given.at)
            start = max(start, begins) if begins < given.pickup_by else start
        for begins, ends in self.script.down:
            if begins < start + PROMISE and start < ends:
                start = ends
        return start + PROMISE

    def accepted_by(self, life: Life, given: Given, channel: str, by: datetime) -> None:
        """By that channel somebody had it in time."""
        theirs = [s for s in self.work_orders[life.wanted.number] if s.purpose == "work_order" and s.channel == channel]
        if not any(s.created >= given.at and s.accepted and s.accepted <= by + SLACK for s in theirs):
            self.complain(life.wanted.number, by, f"its work order given at {shown(given.at)} not out by {channel}")

    def nothing_outdated(self, life: Life) -> None:
        """After a change or a cancellation nothing leaves that was made before it."""
        ends = [given.at for given in life.given] + ([life.called_off] if life.called_off else [])
        for sent in self.work_orders[life.wanted.number]:
            last = self.tried.get(sent.sending_id)
            overtaken = [end for end in ends if last and sent.created < end < last.begun]
            if sent.purpose in HANDED and overtaken:
                self.complain(life.wanted.number, overtaken[0], f"outdated work order to {sent.recipient} left later")

    def holders_told(self, life: Life) -> None:
        """Everybody who has the work order hears of each change with old and new values, and that it is called off."""
        for given, before in zip(life.given[1:], life.given, strict=False):
            if given.amends:
                self.all_told(life, given.at, (before, given))
        if life.called_off:
            self.all_told(life, life.called_off, None)

    def noticed(self, life: Life) -> None:
        """Releases and urges reached who has the goods at once, an urge by phone as well."""
        number = life.wanted.number
        for at, who, phoned in life.noticed:
            if not any((s.order, s.recipient, s.created) == (number, who.address, at) for s in self.notices):
                self.complain(number, at, f"{who.name} is not told of the release or urge")
            elif phoned and who.phone and not self.is_phoned(who, at):
                self.complain(number, at, f"{who.name} is urged, and not phoned")

    def is_phoned(self, who: Person, at: datetime) -> bool:
        """Whether somebody is to be phoned at a moment, be it for something else."""
        theirs = (call for call in self.seen.calls if call.phone == who.phone and call.opened <= at)
        return any(call.done is None or call.done >= at for call in theirs)

    def all_told(self, life: Life, at: datetime, change: tuple[Given, Given] | None) -> None:
        """Each by the way he has it."""
        number = life.wanted.number
        for way, had in self.holders(number, at).items():
            told = [s for s in self.work_orders[number] if s.way == way and s.created == at]
            told = [s for s in told if change or s.purpose == "cancellation"]
            if not told:
                self.complain(number, at, f"{way[1]} has its work order, and is not told of the change")
            elif change and told[0].purpose != "cancellation":
                self.values_told(life, at, (had, told[0]), change[1].quantity)

    def values_told(self, life: Life, at: datetime, letters: tuple[Sent, Sent], quantity: int) -> None:
        """The change to somebody has the new value, and the old one that he knows."""
        had, told = letters
        known = [given.quantity for given in life.given if given.at <= had.created][-1]
        if known == quantity or told.channel != "email":
            return
        words = told.words
        if str(quantity) not in words or str(known) not in words:
            self.complain(life.wanted.number, at, f"{told.recipient} is not told of {known} -> {quantity}")

    def holders(self, number: int, at: datetime) -> dict[tuple[str, str], Sent]:
        """Who has its work order at a moment, by channel and recipient, with what he got last."""
        had: dict[tuple[str, str], Sent] = {}
        for sent in self.work_orders[number]:
            left = self.tried.get(sent.sending_id)
            if left is None or left.outcome != "accepted" or left.begun >= at:
                continue
            if sent.purpose == "cancellation":
                had.pop(sent.way, None)
            elif sent.purpose in WORK_ORDERS:
                had[sent.way] = sent
        return had

    def half_hours(self) -> None:
        """One message a person in half an hour (§5)."""
        for recipient, times in self.chased_at.items():
            for before, after in pairwise(times):
                if after - before < HALF_HOUR:
                    self.complain(None, after, f"{recipient} is chased again after {(after - before) // MINUTE} min")


KINDS = {f"chased.{name}" for name in BY_NAME} | {"status_note", "closed"}


def name_of(line: Line) -> str:
    """The follow-up of a line."""
    if line.kind == "status_note":
        return "daily_note"
    return str(line.data.get("follow_up", "")) if line.kind == "closed" else line.kind.removeprefix("chased.")


def shown(at: datetime) -> str:
    """A moment for people."""
    return "never" if at == NEVER else f"{at.astimezone(LOCAL):%m-%d %H:%M:%S}"


def history(script: Script, seen: Seen, number: int) -> Iterator[str]:
    """Everything that is known of one order, in the order of time."""
    order = script.orders[number]
    lines = [(order.at, f"PLACED {order.area.name} -> {order.goal.town}, window {order.window}, hold {order.hold}")]
    lines += [
        (h.at, f"HEARD  {h.kind} by {h.by} (came {shown(h.arrived)}) {h.said}") for h in seen.heard if h.order == number
    ]
    lines += [(one.at, f"RECORD {one.kind} {dict(one.data)}") for one in seen.lines if one.order == number]
    lines += [
        (s.created, f"SENT   {s.purpose} to {s.recipient} ({s.state} {shown(s.accepted) if s.accepted else ''})")
        for s in seen.sent
        if s.order == number
    ]
    yield f"order {number} ({seen.serials.get(number)}) of {script.calendar.name}, seed {script.seed}"
    yield from (f"  {shown(at)} {words}" for at, words in sorted(lines, key=lambda line: line[0]))
