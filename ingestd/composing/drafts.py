"""From what is wanted to what goes out: every letter composed, addressed, named and frozen to its last byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingestd.composing.composer import Composer, Letter, Repeat, ReviewCase, TextMessage, Told, Trouble
from ingestd.composing.life import order_of
from ingestd.composing.mail import Headers, mail
from ingestd.config.settings import Mode, Site
from ingestd.domain.decision import Wanted
from ingestd.domain.keys import Keys
from ingestd.domain.reading import Channel, Envelope
from ingestd.domain.sending import Purpose, SendingDraft, SendingState

PART_LATER = timedelta(seconds=1)  # sendings leave by their deadlines, and part one is to be read first


@dataclass(frozen=True, slots=True)
class Press:
    """All that composing needs beside what is wanted."""

    composer: Composer
    keys: Keys
    site: Site

    def drafts(self, wanted: Wanted, answered: Envelope, now: datetime) -> Iterator[SendingDraft]:
        """The sendings of one wanted letter: one mail, or one text message and perhaps its second part."""
        if wanted.channel is Channel.EMAIL:
            yield self.by_mail(wanted, letter_for(self.composer, wanted, now), answered, now)
        else:
            yield from self.by_sms(wanted, text_for(self.composer, wanted, now))

    def by_mail(self, wanted: Wanted, letter: Letter, answered: Envelope, now: datetime) -> SendingDraft:
        """A mail with the Message-ID of its key."""
        key = self.keys.sending(wanted.purpose, wanted.cause, wanted.channel, wanted.recipient)
        answering = answered.message_id if wanted.answers else None
        headers = Headers(
            sender=self.site.address,
            sender_name=self.site.name,
            recipient=wanted.recipient,
            message_id=f"{key}@{self.site.domain}",
            date=now.astimezone(self.site.zone),
            in_reply_to=answering,
            references=(*answered.references, answering) if answering else (),
            mark=self.keys.mark(),
            automatic="auto-replied" if wanted.answers else "auto-generated",
            subject_token=wanted.token,
        )
        return self.draft(wanted, key, mail(letter, headers))

    def by_sms(self, wanted: Wanted, text: TextMessage) -> Iterator[SendingDraft]:
        """A text message; what does not fit into the first part goes as sendings of their own."""
        for number, words in enumerate(text.parts):
            part = part_of(wanted, number)
            key = self.keys.sending(part.purpose, part.cause, wanted.channel, wanted.recipient)
            yield self.draft(part, key, words.encode())

    def draft(self, wanted: Wanted, key: str, body: bytes) -> SendingDraft:
        """The frozen sending; in shadow mode it is recorded and never leaves."""
        state = SendingState.SHADOW if self.site.mode is Mode.SHADOW else SendingState.DUE
        return SendingDraft(
            key,
            wanted.purpose,
            wanted.cause,
            wanted.channel,
            wanted.recipient,
            body,
            wanted.deadline,
            state,
            wanted.not_before,
        )


def part_of(wanted: Wanted, number: int) -> Wanted:
    """What is wanted as it names one part of its text message, for a purpose is sent once for a cause.

    Part two of a work order has a purpose of its own; other parts have a cause of their own.
    """
    work_order = wanted.purpose is Purpose.WORK_ORDER
    cause = f"{wanted.cause}#{number + 1}" if number > work_order else wanted.cause
    if number and work_order:
        deadline = wanted.deadline + number * PART_LATER
        return replace(wanted, purpose=Purpose.WORK_ORDER_REST, cause=cause, deadline=deadline)
    return replace(wanted, cause=cause)


def letter_for(composer: Composer, wanted: Wanted, now: datetime) -> Letter:
    """The mail of a wanted letter."""
    if wanted.purpose not in LETTERS:
        raise ValueError(f"no letter is made for {wanted.purpose} by mail")
    return LETTERS[wanted.purpose](composer, wanted, now)


def text_for(composer: Composer, wanted: Wanted, now: datetime) -> TextMessage:
    """The text message of a wanted letter."""
    if wanted.purpose not in TEXTS:
        raise ValueError(f"no text message is made for {wanted.purpose}")
    return TEXTS[wanted.purpose](composer, wanted, now)


def question(composer: Composer, wanted: Wanted, _: datetime) -> Letter:
    """What the shipper is asked, in an agent's own words where he wrote some."""
    letter = composer.question(order_of(wanted), wanted.language)
    return composer.in_own_words(letter, wanted.words) if wanted.words else letter


def question_sms(composer: Composer, wanted: Wanted, _: datetime) -> TextMessage:
    """The same as text messages."""
    if wanted.words:
        return composer.own_words_sms(order_of(wanted), wanted.words)
    return composer.question_sms(order_of(wanted), wanted.language)


def refusal(composer: Composer, wanted: Wanted, _: datetime) -> Letter:
    """Why the goods can't be carried: what the checks found, or an agent's reason."""
    if wanted.words:
        return composer.decline(order_of(wanted), wanted.words, wanted.language)
    return composer.refusal(order_of(wanted), wanted.language)


def refusal_sms(composer: Composer, wanted: Wanted, _: datetime) -> TextMessage:
    """The same as text messages."""
    if wanted.words:
        return composer.decline_sms(order_of(wanted), wanted.words, wanted.language)
    return composer.refusal_sms(order_of(wanted), wanted.language)


def review_notice(composer: Composer, wanted: Wanted, _: datetime) -> Letter:
    """What the desk is told of a message."""
    about = wanted.about
    assert about is not None
    case = ReviewCase(
        about.message_id, about.sender, about.arrived_at, wanted.notes, wanted.order, about.text, about.due_at
    )
    return composer.review_notice(case, wanted.language)


def escalation(composer: Composer, wanted: Wanted, now: datetime) -> Letter:
    """What the next person is told of: reviews that nobody decided on in time, else his people's orders."""
    if wanted.overdue:
        return composer.review_due(wanted.name, wanted.overdue, wanted.language)
    return composer.life_letter(wanted, now)


def escalation_sms(composer: Composer, wanted: Wanted, now: datetime) -> TextMessage:
    """The same as text messages."""
    if wanted.overdue:
        return composer.review_due_sms(wanted.name, wanted.overdue, wanted.language)
    return composer.life_sms(wanted, now)


def told_in(wanted: Wanted) -> Told:
    """What an answer tells: the order's state is its note."""
    return Told(wanted.order, "".join(wanted.notes), wanted.answer)


def repeat_in(wanted: Wanted) -> Repeat:
    """What was sent twice: an order that is named is called off for it."""
    return Repeat(wanted.serials, wanted.since, wanted.order.serial if wanted.order else "")


def trouble_of(wanted: Wanted, now: datetime) -> Trouble:
    """The trouble that an alarm tells: its notes are kind and detail."""
    kind, detail = wanted.notes
    return Trouble(kind, detail, wanted.since or now)


OF_LIFE = (
    Purpose.CANCELLATION, Purpose.NOTICE, Purpose.WHICH_ORDER, Purpose.PROGRESS, Purpose.ANNOUNCEMENT, Purpose.CHASE,
)  # fmt: skip
LETTERS: dict[Purpose, Callable[[Composer, Wanted, datetime], Letter]] = {
    Purpose.ACKNOWLEDGEMENT: lambda c, w, _: c.acknowledgement(order_of(w), w.language),
    Purpose.QUESTION: question,
    Purpose.CONFIRMATION_REQUEST: lambda c, w, _: c.confirmation_request(order_of(w), w.language),
    Purpose.ANSWER: lambda c, w, _: c.answer(told_in(w), w.language),
    Purpose.HOLDING_REPLY: lambda c, w, _: c.handover(w.order, w.language) if w.order else c.holding_reply(w.language),
    Purpose.REFUSAL: refusal,
    Purpose.WORK_ORDER: lambda c, w, _: c.work_order(order_of(w), w.language),
    Purpose.WORK_ORDER_COPY: lambda c, w, _: c.work_order(order_of(w), w.language),
    Purpose.DUPLICATE_NOTICE: lambda c, w, _: c.duplicate_notice(repeat_in(w), w.language),
    **dict.fromkeys(OF_LIFE, Composer.life_letter),
    Purpose.ESCALATION: escalation,
    Purpose.REVIEW_NOTICE: review_notice,
    Purpose.ALARM: lambda c, w, now: c.alarm(trouble_of(w, now), w.language),
}
TEXTS: dict[Purpose, Callable[[Composer, Wanted, datetime], TextMessage]] = {
    Purpose.ACKNOWLEDGEMENT: lambda c, w, _: c.acknowledgement_sms(order_of(w), w.language),
    Purpose.QUESTION: question_sms,
    Purpose.CONFIRMATION_REQUEST: lambda c, w, _: c.confirmation_request_sms(order_of(w), w.language),
    Purpose.ANSWER: lambda c, w, _: c.answer_sms(told_in(w), w.language),
    Purpose.HOLDING_REPLY: lambda c, w, _: (
        c.handover_sms(w.order, w.language) if w.order else c.holding_reply_sms(w.language)
    ),
    Purpose.DUPLICATE_NOTICE: lambda c, w, _: c.duplicate_notice_sms(repeat_in(w), w.language),
    Purpose.REFUSAL: refusal_sms,
    Purpose.WORK_ORDER: lambda c, w, _: c.work_order_sms(order_of(w), w.language),
    Purpose.WORK_ORDER_COPY: lambda c, w, _: c.work_order_sms(order_of(w), w.language),
    **dict.fromkeys(OF_LIFE, Composer.life_sms),
    Purpose.ESCALATION: escalation_sms,
    Purpose.ALARM: lambda c, w, now: c.alarm_sms(trouble_of(w, now), w.language),
}
