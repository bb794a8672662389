"""From what is wanted to what goes out: every letter composed, addressed, named and frozen to its last byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingestd.composing.composer import Composer, Letter, ReviewCase, TextMessage, Trouble
from ingestd.composing.mail import Headers, mail
from ingestd.config.settings import Mode, Site
from ingestd.domain.decision import Wanted
from ingestd.domain.keys import Keys
from ingestd.domain.reading import Channel, Envelope
from ingestd.domain.sending import Purpose, SendingDraft, SendingState


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
        """A text message; what does not fit into the first part goes as a sending of its own."""
        for part, words in enumerate(text.parts):
            purpose = Purpose.WORK_ORDER_REST if part and wanted.purpose is Purpose.WORK_ORDER else wanted.purpose
            cause = wanted.cause if part == 0 or purpose is Purpose.WORK_ORDER_REST else f"{wanted.cause}#{part + 1}"
            key = self.keys.sending(purpose, cause, wanted.channel, wanted.recipient)
            yield self.draft(wanted, key, words.encode(), purpose, cause)

    def draft(
        self, wanted: Wanted, key: str, body: bytes, purpose: Purpose | None = None, cause: str | None = None
    ) -> SendingDraft:
        """The frozen sending; in shadow mode it is recorded and never leaves."""
        state = SendingState.SHADOW if self.site.mode is Mode.SHADOW else SendingState.DUE
        return SendingDraft(
            key,
            purpose or wanted.purpose,
            cause or wanted.cause,
            wanted.channel,
            wanted.recipient,
            body,
            wanted.deadline,
            state,
        )


def letter_for(composer: Composer, wanted: Wanted, now: datetime) -> Letter:
    """The mail of a wanted letter."""
    language, order = wanted.language, wanted.order
    match wanted.purpose:
        case Purpose.ACKNOWLEDGEMENT if order:
            return composer.acknowledgement(order, language)
        case Purpose.QUESTION if order:
            return composer.question(order, language)
        case Purpose.WORK_ORDER if order:
            return composer.work_order(order, language)
        case Purpose.DUPLICATE_NOTICE:
            return composer.duplicate_notice(wanted.serials, wanted.since or now, language)
        case Purpose.CHASE:
            return composer.chase(wanted.name, wanted.orders, now, language)
        case Purpose.ESCALATION:
            return composer.escalation(wanted.name, wanted.orders, now, language)
        case Purpose.REVIEW_NOTICE if wanted.about:
            about = wanted.about
            case = ReviewCase(about.message_id, about.sender, about.arrived_at, wanted.notes, order, about.text)
            return composer.review_notice(case, language)
        case Purpose.ALARM:
            return composer.alarm(trouble_of(wanted, now), language)
    raise ValueError(f"no letter is made for {wanted.purpose} by mail")


def text_for(composer: Composer, wanted: Wanted, now: datetime) -> TextMessage:
    """The text message of a wanted letter."""
    language, order = wanted.language, wanted.order
    match wanted.purpose:
        case Purpose.ACKNOWLEDGEMENT if order:
            return composer.acknowledgement_sms(order, language)
        case Purpose.QUESTION if order:
            return composer.question_sms(order, language)
        case Purpose.WORK_ORDER if order:
            return composer.work_order_sms(order, language)
        case Purpose.CHASE:
            return composer.chase_sms(wanted.name, wanted.orders, now, language)
        case Purpose.ESCALATION:
            return composer.escalation_sms(wanted.name, wanted.orders, now, language)
        case Purpose.ALARM:
            return composer.alarm_sms(trouble_of(wanted, now), language)
    raise ValueError(f"no text message is made for {wanted.purpose}")


def trouble_of(wanted: Wanted, now: datetime) -> Trouble:
    """The trouble that an alarm tells: its notes are kind and detail."""
    kind, detail = wanted.notes
    return Trouble(kind, detail, wanted.since or now)
