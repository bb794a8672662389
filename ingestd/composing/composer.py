"""What goes out: letters and text messages for every purpose, from values alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.composing.form import form_of
from ingestd.composing.places import Places
from ingestd.composing.sample import ANSWER, BARE_ORDER, FULL_ORDER, SAMPLE_TIME
from ingestd.composing.short_times import ShortTimes
from ingestd.composing.sms_pieces import PieceMaker
from ingestd.composing.sms_words import sms_words
from ingestd.composing.templates import TemplateBook
from ingestd.composing.text_message import TextMessage, packed
from ingestd.composing.wording import LANGUAGES, Language, Wording, table
from ingestd.composing.work_order_sms import WorkOrderFit
from ingestd.config.settings import Site, WorkOrderSms
from ingestd.domain.answer import Answer
from ingestd.domain.asked import open_fields
from ingestd.domain.assessment import Finding
from ingestd.domain.decision import OverdueReview
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Attachment

__all__ = ["Composer", "Language", "Letter", "Repeat", "ReviewCase", "TextMessage", "Trouble"]

MOST_LISTED = 20  # reviews in one letter
PURPOSES: Mapping[str, Sequence[str]] = {
    "acknowledgement": ("email.txt", "email.html", "sms.txt"),
    "question": ("email.txt", "email.html", "sms.txt"),
    "confirmation_request": ("email.txt", "email.html", "sms.txt"),
    "refusal": ("email.txt", "email.html", "sms.txt"),
    "answer": ("email.txt", "email.html", "sms.txt"),
    "holding_reply": ("email.txt", "email.html", "sms.txt"),
    "handover": ("email.txt", "email.html", "sms.txt"),
    "decline": ("email.txt", "sms.txt"),
    "duplicate_notice": ("email.txt", "sms.txt"),
    "work_order": ("email.txt", "email.html"),
    "chase": ("email.txt", "email.html", "sms.txt"),
    "escalation": ("email.txt", "email.html", "sms.txt"),
    "review_notice": ("email.txt", "email.html"),
    "review_due": ("email.txt", "email.html", "sms.txt"),
    "alarm": ("email.txt", "sms.txt"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content before it has an address."""

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """What the desk is told where a person must decide."""

    message_id: int | None  # ours
    sender: str
    arrived_at: datetime
    reasons: tuple[str, ...]  # codes, `low_support:consignee.address` with their field
    order: OrderView | None = None  # what was read, where it is an order
    text: str = ""  # the message's own words
    due_at: datetime | None = None  # until when; None: there is nothing to decide


@dataclass(frozen=True, slots=True)
class Told:
    """What an inquiry is answered: where an order is, or what the tariff says."""

    order: OrderView | None = None
    state: str = ""  # of the order
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """What was sent twice: the orders that stand, when their mail came, and the order called off for it, if any."""

    serials: tuple[str, ...]
    received_at: datetime | None = None
    called_off: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an alarm tells: a kind of the `[alarm]` tables (others are told in general words), where, since when."""

    kind: str
    detail: str
    since: datetime


class Composer:
    """Composes everything in every language.

    Files are read at construction; a broken one raises BrokenTemplateError.
    """

    def __init__(self, template_folders: Sequence[Path], site: Site, sms: WorkOrderSms) -> None:
        self.signature = f"【{clean(site.signature)}】"
        self.house = {"site_name": clean(site.name), "site_phone": clean(site.phone), "site_address": site.address}
        self.book = TemplateBook(template_folders, PURPOSES)
        self.wordings = {lang: Wording(template_folders, lang, site.zone) for lang in LANGUAGES}
        self.tellers = {lang: Teller(wording) for lang, wording in self.wordings.items()}
        self.fits = {lang: self.fit(template_folders, lang, site, sms) for lang in LANGUAGES}
        self.try_all()

    def fit(self, template_folders: Sequence[Path], language: Language, site: Site, sms: WorkOrderSms) -> WorkOrderFit:
        """What fits a work order into text messages, in one language."""
        words = sms_words(template_folders, language)
        maker = PieceMaker(words, ShortTimes(words.time, site.zone))
        return WorkOrderFit(maker, Places(table(template_folders, "places.toml")), sms, self.signature)

    # To the shipper.

    def acknowledgement(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper that the order is understood: serial, content, charges, deadline, how to correct it."""
        return self.letter("acknowledgement", language, self.tellers[language].facts(order))

    def acknowledgement_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The acknowledgement for who ordered by text message."""
        return self.text_message("acknowledgement", language, self.tellers[language].facts(order))

    def question(self, order: OrderView, language: Language) -> Letter:
        """Asks the shipper for exactly the fields of `order.problems`, showing what is known."""
        return self.letter("question", language, self.asked(order, language))

    def question_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The question for who ordered by text message."""
        return self.text_message("question", language, self.asked(order, language))

    def confirmation_request(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper what was understood and what it costs, and asks whether that is right."""
        return self.letter("confirmation_request", language, self.tellers[language].facts(order))

    def confirmation_request_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("confirmation_request", language, self.tellers[language].facts(order))

    def refusal(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper that the goods can't be carried, and why."""
        return self.letter("refusal", language, self.refused(order, language))

    def refusal_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("refusal", language, self.refused(order, language))

    def answer(self, told: Told, language: Language) -> Letter:
        """Answers an inquiry from the tariff, or from an order's record."""
        return self.letter("answer", language, self.answered(told, language))

    def answer_sms(self, told: Told, language: Language) -> TextMessage:
        """The same for who asked by text message."""
        return self.text_message("answer", language, self.answered(told, language))

    def holding_reply(self, language: Language) -> Letter:
        """Tells who asks that his question is being looked into."""
        return self.letter("holding_reply", language, {})

    def holding_reply_sms(self, language: Language) -> TextMessage:
        """The same for who asked by text message."""
        return self.text_message("holding_reply", language, {})

    def handover(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper who answered in part that an agent will call him."""
        return self.letter("handover", language, self.asked(order, language))

    def handover_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("handover", language, self.asked(order, language))

    def decline(self, order: OrderView, reason: str, language: Language) -> Letter:
        """Tells the shipper that an agent does not take the order, and his reason."""
        return self.letter("decline", language, self.declined(order, reason, language))

    def decline_sms(self, order: OrderView, reason: str, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("decline", language, self.declined(order, reason, language))

    def in_own_words(self, letter: Letter, words: str) -> Letter:
        """A letter whose text an agent wrote himself, under its own subject."""
        text = "\n".join(clean(line) for line in words.splitlines())
        return replace(letter, text=f"{text}\n\n{self.house['site_name']}\n", html=None)

    def own_words_sms(self, order: OrderView, words: str) -> TextMessage:
        """What an agent wrote himself, as text messages behind the serial."""
        lines = [clean(line) for line in words.splitlines() if line.strip()]
        return TextMessage(packed(self.signature, [f"{clean(order.serial)} ", *lines]))

    def duplicate_notice(self, repeat: Repeat, language: Language) -> Letter:
        """Tells the shipper that what he sent was there already and is carried out once."""
        return self.letter("duplicate_notice", language, self.repeated(repeat, language))

    def duplicate_notice_sms(self, repeat: Repeat, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("duplicate_notice", language, self.repeated(repeat, language))

    # To dispatch.

    def work_order(self, order: OrderView, language: Language) -> Letter:
        """The whole work order with its attachments."""
        return replace(
            self.letter("work_order", language, self.tellers[language].facts(order)), attachments=order.attachments
        )

    def work_order_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The work order in one or two text messages; `fits` is false where mail and a call must do."""
        return self.fits[language].compose(order)

    def chase(self, name: str, orders: Sequence[OrderView], now: datetime, language: Language) -> Letter:
        """Asks one person about all of his open orders."""
        return self.letter("chase", language, self.open_orders(name, orders, now, language))

    def chase_sms(self, name: str, orders: Sequence[OrderView], now: datetime, language: Language) -> TextMessage:
        """The chase as text messages."""
        return self.text_message("chase", language, self.open_orders(name, orders, now, language))

    def escalation(self, name: str, orders: Sequence[OrderView], now: datetime, language: Language) -> Letter:
        """Tells the next person of orders that are past their pickup deadline."""
        return self.letter("escalation", language, self.open_orders(name, orders, now, language))

    def escalation_sms(self, name: str, orders: Sequence[OrderView], now: datetime, language: Language) -> TextMessage:
        """The escalation as text messages."""
        return self.text_message("escalation", language, self.open_orders(name, orders, now, language))

    # To the desk.

    def review_notice(self, case: ReviewCase, language: Language) -> Letter:
        """Tells the desk what a person must decide, why, and what was read."""
        return self.letter("review_notice", language, self.reviewed(case, language))

    def review_due(self, name: str, overdue: Sequence[OverdueReview], language: Language) -> Letter:
        """Reminds of reviews that nobody decided on in time; `name` is empty for the desk."""
        return self.letter("review_due", language, self.waiting(name, overdue, language))

    def review_due_sms(self, name: str, overdue: Sequence[OverdueReview], language: Language) -> TextMessage:
        """The reminder as text messages."""
        return self.text_message("review_due", language, self.waiting(name, overdue, language))

    def alarm(self, trouble: Trouble, language: Language) -> Letter:
        """Tells a person of trouble of the system: what, since when, what to do."""
        return self.letter("alarm", language, self.troubled(trouble, language))

    def alarm_sms(self, trouble: Trouble, language: Language) -> TextMessage:
        """The alarm as text messages."""
        return self.text_message("alarm", language, self.troubled(trouble, language))

    # What the templates are told.

    def asked(self, order: OrderView, language: Language) -> Facts:
        teller = self.tellers[language]
        return {
            **teller.facts(order),
            "problems": teller.problems(order.problems),
            "asks": teller.asks(order.assessment.hits),
            "form": [(line.label, line.value, line.open) for line in form_of(order, teller)],
            "to_fill": bool(open_fields(order)),
            "lacking": teller.lacking(order.problems),
            "short_asks": teller.asks(order.assessment.hits, "ask_sms"),
            "samples": teller.samples(order.problems),
            "brief": teller.brief(order.content),
        }

    def refused(self, order: OrderView, language: Language) -> Facts:
        teller = self.tellers[language]
        blocks = [hit.saw.partition(":") for hit in order.assessment.hits if hit.finding is Finding.BLOCK]
        return {**teller.facts(order), "refused": [(clean(goods), teller.word(kind)) for goods, _, kind in blocks]}

    def answered(self, told: Told, language: Language) -> Facts:
        teller = self.tellers[language]
        about = teller.facts(told.order) if told.order else {"serial": ""}
        states = self.wordings[language]["state"]
        offered = teller.answer(told.answer) if told.answer else {"offers": [], "start": "", "load": "", "kind": ""}
        return {**about, **offered, "state": states.get(told.state, "")}

    def repeated(self, repeat: Repeat, language: Language) -> Facts:
        times = self.tellers[language].times
        at = times.written("full", repeat.received_at) if repeat.received_at else ""
        return {"serials": [clean(s) for s in repeat.serials], "received_at": at, "serial": clean(repeat.called_off)}

    def declined(self, order: OrderView, reason: str, language: Language) -> Facts:
        return {**self.tellers[language].facts(order), "reason": clean(reason).rstrip("。.")}

    def open_orders(self, name: str, orders: Iterable[OrderView], now: datetime, language: Language) -> Facts:
        teller = self.tellers[language]
        return {"name": clean(name), "orders": [self.open_order(o, now, teller) for o in orders]}

    def open_order(self, order: OrderView, now: datetime, teller: Teller) -> tuple[str, ...]:
        """Serial, place, goods, contact, phones, deadline, and how long it is past ("" where it is not)."""
        told = teller.facts(order)
        late = (now - order.pickup_by).total_seconds()
        names = ("serial", "pickup_address", "goods", "pickup_contact", "pickup_phones", "pickup_by")
        return (*(told[name] for name in names), teller.times.span(late) if late > 0 else "")

    def reviewed(self, case: ReviewCase, language: Language) -> Facts:
        teller = self.tellers[language]
        known = self.asked(case.order, language) if case.order else {"serial": "", "problems": [], "asks": []}
        return {
            **known,
            "has_order": case.order is not None,
            "message_id": case.message_id,
            "sender": clean(case.sender),
            "arrived_at": teller.times.written("full", case.arrived_at),
            "due": teller.times.moment(case.due_at),
            "reasons": [self.reason(code, language) for code in case.reasons],
            "words": "\n".join(clean(line) for line in case.text.splitlines()),
        }

    def waiting(self, name: str, overdue: Sequence[OverdueReview], language: Language) -> Facts:
        """Who is told of which reviews: serial and message ("" where there is none), sender, reason, since, due."""
        times = self.tellers[language].times
        rows = [
            (
                r.serial or "",
                r.message_id or "",
                clean(r.sender),
                [self.reason(code, language) for code in r.reason.split("; ")],
                times.moment(r.opened_at),
                times.moment(r.due_at),
            )
            for r in overdue[:MOST_LISTED]
        ]
        return {"name": clean(name), "reviews": rows, "count": len(overdue)}

    def reason(self, code: str, language: Language) -> str:
        """A reason in words: a code of the `[review]` table, alone or as `code:what it saw`; others as they are."""
        wording, teller = self.wordings[language], self.tellers[language]
        kind, _, saw = code.partition(":")
        words: str | None = wording["review"].get(kind)
        if words is None or not saw:
            return words or clean(code)
        told = (teller.field.get(part) or teller.seen(part) for part in re.split("[|:]", saw))
        return str(wording["reason"]["saw"]).format(words, wording["reason"]["joint"].join(told))

    def troubled(self, trouble: Trouble, language: Language) -> Facts:
        alarms = self.wordings[language]["alarm"]
        words = alarms.get(trouble.kind, alarms["unknown"])
        since = self.tellers[language].times.written("full", trouble.since)
        return {"what": words["what"].format(clean(trouble.detail)), "todo": words["todo"], "since": since}

    # Rendering.

    def letter(self, purpose: str, language: Language, told: Mapping[str, Any]) -> Letter:
        variables = {**self.house, "language": language, **told}
        subject, text = split_subject(self.book.render(purpose, "email.txt", language, variables))
        html = None
        if self.book.has(purpose, "email.html", language):
            html = self.book.render(purpose, "email.html", language, {**variables, "subject": subject})
        return Letter(subject, text, html)

    def text_message(self, purpose: str, language: Language, told: Mapping[str, Any]) -> TextMessage:
        text = self.book.render(purpose, "sms.txt", language, {**self.house, "language": language, **told})
        return TextMessage(packed(self.signature, (line for line in text.splitlines() if line.strip())))

    def try_all(self) -> None:
        """Render everything once with a full and a bare order, so that a wrong name is found now."""
        for language in LANGUAGES:
            for order in (FULL_ORDER, BARE_ORDER):
                told = self.sample(order, language)
                for purpose, kind in ((p, k) for p, kinds in PURPOSES.items() for k in kinds):
                    self.book.attempt(
                        purpose, kind, language, {**self.house, "language": language, "subject": "", **told[purpose]}
                    )
                self.work_order_sms(order, language)

    def sample(self, order: OrderView, language: Language) -> dict[str, Facts]:
        facts, now = self.tellers[language].facts(order), SAMPLE_TIME
        case = ReviewCase(1, "a@b.example", now, ("stale_message", "low_support:destination"), order, "text", now)
        return {
            "acknowledgement": facts,
            "question": self.asked(order, language),
            "confirmation_request": facts,
            "refusal": self.refused(order, language),
            "answer": self.answered(Told(order, "taken", ANSWER if order is FULL_ORDER else None), language),
            "holding_reply": {},
            "decline": self.declined(order, "reason", language),
            "handover": self.asked(order, language),
            "duplicate_notice": self.repeated(Repeat((order.serial,), now), language),
            "work_order": facts,
            "chase": self.open_orders("", [order], now, language),
            "escalation": self.open_orders("", [order], now, language),
            "review_due": self.waiting("", [OverdueReview(1, None, order.serial, 1, "", "other", now, now)], language),
            "review_notice": self.reviewed(case if order.problems else replace(case, order=None), language),
            "alarm": self.troubled(Trouble("unknown", "detail", now), language),
        }


def split_subject(rendered: str) -> tuple[str, str]:
    """The first line of a mail's text template is its subject; a blank line follows."""
    subject, _, text = rendered.lstrip().partition("\n")
    return clean(subject), text.strip("\n") + "\n"
