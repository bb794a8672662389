"""The reading of a message from its parts: intent, orders, details, problems, doubts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from ingestd.domain.reading import (
    UNCLEAR,
    Channel,
    Code,
    Details,
    Envelope,
    Intent,
    OrderReading,
    Part,
    Party,
    Pickup,
    Problem,
    Reading,
)
from ingestd.parsing import (
    amendments,
    assigning,
    bare,
    boundaries,
    chats,
    dividers,
    doubt,
    echoes,
    evidence,
    files,
    firms,
    intents,
    layouts,
    learned,
    measures,
    mime,
    mixed_reports,
    orders,
    paying,
    renewals,
    reports,
    scanning,
    second_opinion,
    sections,
    serials,
    subjects,
    tables,
    times,
)
from ingestd.parsing.definitions import Cue, Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.quoting import Letter
from ingestd.parsing.text import Text, fold

WITH_CHANGES = (Intent.AMENDMENT, Intent.CHANGE_LETTER)
WITH_FORM = (Intent.ORDER, Intent.AMENDMENT, Intent.CONFIRMATION, Intent.INQUIRY, Intent.OTHER)
UNTELLING = ("nothing", "remark", "serial")
TELLING = (
    Kind.PHONE, Kind.COUNT, Kind.WEIGHT, Kind.VOLUME, Kind.CHOICE, Kind.CHARGE, Kind.FREIGHT, Kind.COD, Kind.DECLARED,
    Kind.TIME, Kind.VEHICLE, Kind.REFERENCE,
)  # fmt: skip
WISHES = (("pickup.from", "pickup.by"), ("deliver_from", "deliver_by"))
LONGEST_WAY, FASTEST_CLOCK = timedelta(days=300), timedelta(days=1)  # a Date beyond is a broken clock's
MAX_READ = 12_000  # characters of new text that are read; no order is as long
MAX_FILES = 5
WHOLE_FORM = 9  # lines from which on a form is not only what was asked for
UNANSWERED = (Intent.AUTOMATIC, Intent.OTHER)  # what they enclose or advertise is nobody's order


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart, before anything in it is understood."""

    channel: Channel
    sender: str | None
    sent_at: datetime | None
    subject: Text
    letter: Letter
    body: mime.Body = field(default_factory=lambda: mime.Body(""))
    envelope: Envelope = field(default_factory=Envelope)
    cut: bool = False  # longer than what is read
    arrived_at: datetime | None = None  # by the server, where that is known

    @property
    def written_at(self) -> datetime | None:
        """When the message was written, as far as can be believed: by its Date where that fits its arrival."""
        sent, arrived = self.sent_at, self.arrived_at
        if sent is None or arrived is None:
            return sent or arrived
        return sent if arrived - LONGEST_WAY <= sent <= arrived + FASTEST_CLOCK else arrived


@dataclass(frozen=True, slots=True)
class Content:
    """The text to read, its items, and the drafts of the orders in it."""

    text: Text
    items: tuple[Item, ...]
    drafts: tuple[Draft, ...]
    contested: bool = False  # whether another part of the message says something else
    notes: tuple[str, ...] = ()  # review reasons that lie in where the content came from


@dataclass(frozen=True, slots=True)
class Understood:
    """A message with its reading, and the content with the drafts that it was made of."""

    message: Message
    reading: Reading
    content: Content
    cues: tuple[Cue, ...]


def with_evidence(message: Message, definitions: Definitions) -> Understood:
    """The reading of one message with its evidence and what it was made of."""
    found = understood(message, definitions)
    content, reading = found.content, found.reading
    drafts = content.drafts
    if reading.intent in WITH_CHANGES:  # read in a text in which what is taken back is blanked
        drafts = tuple(replace(draft, text=content.text) for draft in drafts)
    layout = layouts.fitting(message.sender, (message.subject, message.letter.new, content.text), definitions)
    sources = evidence.Sources(
        content.text, message.subject, content.items, drafts, found.cues, definitions, layout.name if layout else None
    )
    timed = replace(reading, sent_at=message.written_at)  # by which its times were told
    return replace(found, reading=replace(reading, evidence=evidence.of(timed, sources)))


def understood(message: Message, definitions: Definitions) -> Understood:
    """The reading of one message and what it was made of."""
    content = best_content(message, definitions)
    settled = [orders.settle(draft) for draft in content.drafts]
    weighed = weigh(message, content, [order for order, _ in settled], definitions)
    intent, kind = intents.decide(weighed, definitions, content.text.folded)
    review: tuple[str, ...] = (UNCLEAR,) if intents.unclear(weighed, intent) else ()
    if message.letter.form and intent in WITH_FORM:
        review = (UNCLEAR,) if intent is Intent.INQUIRY else ()
        intent = Intent.ORDER if content.text.folded.count("\n") >= WHOLE_FORM else Intent.AMENDMENT
    if intent in (Intent.ORDER, *WITH_CHANGES) and holds_quote(message, content, definitions):
        review = (*review, "from_quote")
    told = intent if weighed.scores.get(intent, 0) > 0 else Intent.OTHER  # by words of its own
    if (echo := echoed(message, content, told, definitions)) is not None:
        review, intent, content, settled = (), Intent.ORDER, echo, [orders.settle(draft) for draft in echo.drafts]
    base = Reading(
        message.channel, message.sender, message.sent_at, intent, refers_to(message, content, intent, definitions),
        review=review, text=content.text.shown, envelope=message.envelope,
        bare=bare.values(content.text, content.items, definitions),
    )  # fmt: skip
    if intent is Intent.ORDER and echo is None:
        whole = [not doubts and not orders.missing(order, doubts) for order, doubts in settled]
        drafts = second_opinion.seconded(content.drafts, whole, content.items, definitions)
        beside = [firms.settle(draft, content.items, definitions) for draft in drafts]
        beside = [paying.resettle(draft, definitions) or more for draft, more in zip(drafts, beside, strict=True)]
        drafts = with_subject(replace(content, drafts=drafts), message, definitions)
        both = zip(drafts, content.drafts, settled, beside, strict=True)
        settled = [known if draft is own and not more else orders.settle(draft) for draft, own, known, more in both]
        content = replace(content, drafts=drafts)
    drafts = content.drafts
    if intent is Intent.ORDER:
        found = with_orders(base, content, settled, message, definitions)
    elif intent in WITH_CHANGES:
        found, drafts = with_changes(base, content, message, definitions)
    else:
        found, drafts = without_orders(base, content, kind, message, definitions), ()
    return Understood(message, found, replace(content, drafts=drafts), weighed.cues)


def with_subject(content: Content, message: Message, definitions: Definitions) -> tuple[Draft, ...]:
    """The drafts of a mail that answers none, with what only its subject says."""
    apart = message.letter.quoted or message.letter.forwarded or boundaries.answers(message.subject, definitions)
    if apart or content.text is message.subject:
        return content.drafts
    return subjects.joined(content.drafts, message.subject, message.written_at, definitions)


def without_orders(
    base: Reading, content: Content, kind: str | None, message: Message, definitions: Definitions
) -> Reading:
    """A reading of what brings no orders: its details, and whether a person must look for its content."""
    asked = orders.settle(content.drafts[0])[0].cargo if base.intent is Intent.INQUIRY and content.drafts else ()
    several = base.intent is Intent.REPORT and len(base.refers_to) > 1
    return replace(
        base,
        parts=told_apart(base, content, message, definitions) if several else (),
        goods_asked=asked,
        details=details(message, content, base.intent, kind, definitions),
        problems=unreadable(message, base.intent, content, definitions),
    )


def told_apart(base: Reading, content: Content, message: Message, definitions: Definitions) -> tuple[Part, ...]:
    """What a report on several orders tells of each, read as if it stood alone; nothing where that is one thing."""
    places = [(i.start, i.end) for i in content.items if i.kind is Kind.SERIAL]
    places = places or reports.places_of_short_serials(unread(content), definitions)
    segments = mixed_reports.segments(content.text, places)
    if len(segments) < 2:
        return ()
    found = tuple(alone(message, text, definitions) for text in segments)
    whole = sorted(serial for part in found for serial in part.refers_to) == sorted(base.refers_to)
    return found if whole and len({part.details for part in found}) > 1 else ()


def alone(message: Message, text: Text, definitions: Definitions) -> Part:
    """What a part of a report says, nothing but its orders where that is not clear."""
    part = replace(message, letter=Letter(text), subject=text.part(0, 0), body=mime.Body(""), envelope=Envelope())
    said = understood(part, definitions).reading
    is_clear = said.intent is Intent.REPORT and not said.review
    return Part(said.refers_to, said.details if is_clear else Details(), text.shown)


def best_content(message: Message, definitions: Definitions) -> Content:
    """The content of the text itself, or of the attached files where the text holds no order and they do."""
    own = read_content(content_text(message, definitions), message, definitions)
    filed = file_content(message, definitions) if message.body.files else None
    if filed is None:
        return own
    if rated(own) >= intents.WHOLE_ORDER - 2:
        return replace(own, contested=rated(filed) >= intents.WHOLE_ORDER and differ(own, filed))
    return with_wishes(filed, own) if rated(filed) > rated(own) else own


def with_wishes(filed: Content, own: Content) -> Content:
    """The one order of a file with the times that the mail itself asks for, where the file names none."""
    if len(filed.drafts) != 1 or len(own.drafts) != 1:
        return filed
    draft = copy_of(filed.drafts[0])
    for paths in WISHES:
        if not any(draft.has(path) for path in paths):
            for path in paths:
                for found in own.drafts[0].all(path):
                    draft.add_elsewhere(path, found.value, own.drafts[0].words(found), found.rule)
    return replace(filed, drafts=(draft,))


def file_content(message: Message, definitions: Definitions) -> Content | None:
    """The orders in the attached files, None where there are none; an order that two files hold is one."""
    best: Content | None = None
    for name, kind, raw in message.body.files[:MAX_FILES]:
        text = files.text_of_file(name, kind, raw)
        if not text or not text.strip():
            continue
        found = read_content(labelled(fold(text, definitions), message, definitions), message, definitions)
        if best is None or rated(best) < intents.WHOLE_ORDER - 2:
            best = found if best is None or rated(found) > rated(best) else best
        elif rated(found) >= intents.WHOLE_ORDER - 2 and differ(best, found):
            both = tables.apart([best.text, found.text])
            best = replace(read_content(both, message, definitions), contested=True)
    return best


def differ(one: Content, other: Content) -> bool:
    """Whether two contents hold other orders, or the same ones with other figures."""
    return bool(set(essence(one)) ^ set(essence(other)))


def essence(content: Content) -> list[tuple[object, ...]]:
    """What tells each order of a content from others."""
    found = [orders.settle(copy_of(draft))[0] for draft in content.drafts]
    return [(order.consignee.phones, sum(line.quantity or 0 for line in order.cargo)) for order in found]


def echoed(message: Message, content: Content, intent: Intent, definitions: Definitions) -> Content | None:
    """An order "as last time" with what it leaves out taken from the nearest one order that is quoted below it."""
    letter = message.letter
    if letter.forwarded or not letter.quoted or not echoes.wanted(content.text, intent, definitions):
        return None
    own = read_content(echoes.without_words(content.text, definitions), message, definitions)
    quoted = quoted_order(message, definitions)
    if quoted is None or len(own.drafts) > 1:
        return None
    return replace(content, drafts=(echoes.completed(own.drafts[0], quoted),), notes=(*content.notes, "from_quote"))


def quoted_order(message: Message, definitions: Definitions) -> Draft | None:
    """The nearest order quoted; None where several stand in one mail or none stands anywhere."""
    for text in message.letter.quoted:
        quoted = read_content(tables.labelled(text, definitions), message, definitions)
        if rated(quoted) >= intents.WHOLE_ORDER - 2:
            return copy_of(quoted.drafts[0]) if len(quoted.drafts) == 1 else None
    return None


def repeats(message: Message, content: Content, found: list[OrderReading], definitions: Definitions) -> bool:
    """Whether a new text holds the order that is quoted below it, and nothing else, and speaks of no new shipment."""
    letter = message.letter
    if letter.forwarded or not letter.quoted or len(found) != 1 or intents.structure(found[0]) < echoes.MANY:
        return False
    if not any(echoes.names_phones(text, found[0]) for text in letter.quoted):
        return False  # which is quicker seen than what the quote orders
    if echoes.speaks_of_another(content.text, definitions):
        return False
    quoted = quoted_order(message, definitions)
    return quoted is not None and echoes.repeats(content.drafts[0], quoted)


def rated(content: Content) -> float:
    """How much of an order a content holds at its best."""
    return max(intents.structure(orders.settle(copy_of(draft))[0]) for draft in content.drafts)


def copy_of(draft: Draft) -> Draft:
    """A draft that may be settled without touching the first."""
    return replace(draft, finds=dict(draft.finds), bad_phones=list(draft.bad_phones), adopted=set(draft.adopted))


def content_text(message: Message, definitions: Definitions) -> Text:
    """The new text with its tables as labelled lines; the subject where the body only points to it."""
    new = dividers.plain(chats.plain(message.letter.new, definitions))
    own = not message.letter.quoted and not boundaries.answers(message.subject, definitions)
    if own and sections.points_to_subject(new.folded, definitions) and message.subject.folded:
        return message.subject
    if own and counts_goods(message.subject, definitions) and not counts_goods(new, definitions):
        new = Text.of_lines([message.subject, new])
    return labelled(new, message, definitions)


def counts_goods(text: Text, definitions: Definitions) -> bool:
    """Whether a text counts or weighs anything."""
    return any(item.kind in (Kind.COUNT, Kind.WEIGHT) for item in figures_of(text.folded, definitions))


@lru_cache(maxsize=4)
def figures_of(folded: str, definitions: Definitions) -> tuple[Item, ...]:
    """The figures of a text, asked for twice of a subject."""
    return tuple(measures.find(folded, definitions))


def labelled(text: Text, message: Message, definitions: Definitions) -> Text:
    """A text with its tables as labelled lines, those of a known layout by its own words."""
    layout = layouts.fitting(message.sender, (message.subject, text), definitions)
    return tables.labelled(layouts.laid_out(text, layout, definitions) if layout else text, definitions)


def read_content(text: Text, message: Message, definitions: Definitions) -> Content:
    """The orders in a text, each as a draft."""
    text = text.part(0, MAX_READ)
    items = scanning.scan(text, definitions)
    setting = assigning.Setting(
        message.written_at, dated=written_when_sent(message, definitions), subject=message.subject
    )
    parts = sections.orders_of(text, items, definitions)
    drafts = tuple(assigning.read_fields(part, Draft(text), definitions, setting) for part in parts)
    sections.take_over(drafts, parts, text, definitions)
    for draft in drafts:
        sections.fill_from_signature(draft, message.letter, definitions)
    return Content(text, tuple(items), drafts, notes=added_above(message, definitions))


def added_above(message: Message, definitions: Definitions) -> tuple[str, ...]:
    """A doubt where a forwarder's own words hold data that the content, which is what was forwarded, does not heed."""
    if not message.letter.remark.folded:
        return ()
    items = scanning.scan(message.letter.remark, definitions)
    told = any(item.kind in TELLING or (item.kind is Kind.LABEL and item.value.sure) for item in items)
    return ("added_above",) if told else ()


def written_when_sent(message: Message, definitions: Definitions) -> bool:
    """Whether what a forward holds was written on the day it was forwarded; a mail's own text always is."""
    if not message.letter.forwarded or message.written_at is None:
        return True
    said = [i.value for i in times.find(message.letter.head.folded, definitions)]
    days = {times.day_of(spoken, message.written_at.date()) for spoken in said if spoken.day is not None}
    return days == {message.written_at.astimezone(times.ZONE).date()} or message.written_at.date() in days


def weigh(message: Message, content: Content, found: list[OrderReading], definitions: Definitions) -> intents.Evidence:
    """What speaks for each intent of a message and its kind."""
    about = circumstances(message, content, found, definitions)
    plain = learned.marked(content.text.folded, content.items)
    return intents.weigh(content.text.folded, plain, message.subject.folded, about, definitions)


def circumstances(
    message: Message, content: Content, found: list[OrderReading], definitions: Definitions
) -> intents.Circumstances:
    """What beside its words bears on the intent of a message."""
    return intents.Circumstances(
        structure=max((intents.structure(order) for order in found), default=0.0),
        serials=sum(i.kind is Kind.SERIAL for i in content.items) + len(subject_serials(message, definitions)),
        machine=message.envelope.machine,
        length=len(content.text.folded),
        forwarded=message.letter.forwarded,
        labelled=sum(i.kind is Kind.LABEL and i.value.sure and i.value.slot not in UNTELLING for i in content.items),
        reply=bool(message.envelope.in_reply_to),
        repeats=repeats(message, content, found, definitions),
        plates=sum(i.kind is Kind.PLATE for i in content.items),
        answer=bool(message.envelope.in_reply_to) or boundaries.answers(message.subject, definitions),
        message=message.channel is Channel.SMS,
    )


def subject_serials(message: Message, definitions: Definitions) -> tuple[str, ...]:
    """The order numbers in the subject."""
    return tuple(i.value for i in serials.find(message.subject.folded, definitions) if i.kind is Kind.SERIAL)


def refers_to(message: Message, content: Content, intent: Intent, definitions: Definitions) -> tuple[str, ...]:
    """The orders that a message speaks of, from its new text and subject."""
    if intent in UNANSWERED:
        return subject_serials(message, definitions)
    numbers = [i for i in content.items if i.kind is Kind.SERIAL]
    folded = content.text.folded
    standing = serials.standing(folded, numbers, definitions)
    found = dict.fromkeys(i.value for i in standing)
    if intent is Intent.ORDER:
        return tuple(found or dict.fromkeys(subject_serials(message, definitions)))
    found |= dict.fromkeys(reports.chained_serials(folded, [i.end for i in standing], definitions))
    found |= dict.fromkeys(subject_serials(message, definitions))
    if not found:
        found = dict.fromkeys(reports.short_serials(unread(content), intent is Intent.REPORT, definitions))
    return tuple(found)


def unread(content: Content) -> str:
    """The folded text without what is something else than words: phones, figures, sums, times."""
    plain = list(content.text.folded)
    for item in content.items:
        if item.kind not in (Kind.WORDS, Kind.BREAK, Kind.SERIAL, Kind.LABEL):
            plain[item.start : item.end] = " " * (item.end - item.start)
    return "".join(plain)


def with_orders(
    base: Reading,
    content: Content,
    settled: list[tuple[OrderReading, list[Problem]]],
    message: Message,
    definitions: Definitions,
) -> Reading:
    """A reading of new orders, with what they lack and what is in doubt."""
    problems: list[Problem] = []
    if len(settled) == 1 and not message.envelope.in_reply_to:
        settled = [orders.against(figures_of(message.subject.folded, definitions), *settled[0])]
    for index, (order, doubts) in enumerate(settled):
        found = [*doubts, *orders.missing(order, doubts)]
        problems += [replace(p, order=index) for p in found]
    complete = replace(
        base,
        orders=tuple(order for order, _ in settled),
        problems=tuple(problems),
    )
    long = ["long_text"] if message.cut or len(content.text.folded) >= MAX_READ else []
    contested = ["conflicting_parts"] if content.contested or message.body.contested else []
    cut = ["cut_short"] if message.body.cut else []
    doubted = doubt.reasons(complete, content.drafts, content.items, definitions)
    reasons = (*base.review, *long, *cut, *contested, *content.notes, *doubted)
    return replace(complete, review=tuple(dict.fromkeys(reasons)))


def holds_quote(message: Message, content: Content, definitions: Definitions) -> bool:
    """Whether the text of an answer about an order of ours holds an address of mail: the head of a damaged quote."""
    about_ours = boundaries.answers(message.subject, definitions) and subject_serials(message, definitions)
    return bool(about_ours) and "@" in content.text.folded


def with_changes(
    base: Reading, content: Content, message: Message, definitions: Definitions
) -> tuple[Reading, tuple[Draft, ...]]:
    """A reading of what changes and its draft; nothing is asked for that is not said."""
    text = amendments.without_old(content.text, content.items, definitions)
    counted = renewals.counting(text, scanning.scan(text, definitions), definitions)
    items = renewals.told(text, amendments.increments(text, counted, definitions), definitions)
    items = amendments.purposeful(items, content.items)
    brought = bool(base.refers_to) and renewals.adds_number(content.text.folded + message.subject.folded, definitions)
    told = content.text.folded + message.subject.folded
    setting = assigning.Setting(
        message.written_at,
        changes_only=True,
        numbered=brought,
        about=amendments.about(told, base.intent, definitions),
        bare_address=not amendments.fetched(told, definitions),
    )
    draft = assigning.read_fields(items, Draft(text), definitions, setting)
    if (
        base.refers_to and not brought and not draft.goods and draft.finds.keys() <= {"serial"}
    ):  # a number is all that it brings
        draft = assigning.read_fields(items, Draft(text), definitions, replace(setting, numbered=True))
    order, doubts = orders.settle(draft, whole=False)
    if base.intent is Intent.CHANGE_LETTER:  # the goods were fetched
        order = replace(order, pickup=Pickup(), shipper=Party())
    changes = (order,) if order != OrderReading() or doubts else ()
    return replace(base, orders=changes, problems=tuple(replace(p, order=0) for p in doubts)), (draft,)


def details(message: Message, content: Content, intent: Intent, kind: str | None, definitions: Definitions) -> Details:
    """What an inquiry, complaint or report adds."""
    if intent is Intent.INQUIRY:
        return Details(inquiry=kind or "other")
    if intent is Intent.COMPLAINT:
        return Details(complaint=kind or "other")
    if intent is Intent.REPORT:
        return reports.details(content.text, content.items, kind or "accepted", message.written_at, definitions)
    return Details()


def unreadable(message: Message, intent: Intent, content: Content, definitions: Definitions) -> tuple[Problem, ...]:
    """A message whose content is somewhere else (a picture, a cloud link, a file not read) is looked at by a person."""
    if intent is Intent.OTHER and sections.content_elsewhere(message.body, content.text.folded, definitions):
        return (Problem(Code.UNREADABLE, "message"),)
    return ()
