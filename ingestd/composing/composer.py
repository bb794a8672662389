"""What goes out: letters and text messages for every purpose, from values alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ingestd.composing.changes import changed, moves_money
from ingestd.composing.desk_facts import ReviewCase, Trouble, reviewed, troubled, waiting
from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.composing.letter import Letter, split_subject
from ingestd.composing.life import LIFE, templates_of
from ingestd.composing.places import Places
from ingestd.composing.sample import ANSWER, BARE_ORDER, CHANGED_ORDER, FULL_ORDER, SAMPLE_TIME, sample_wanted
from ingestd.composing.shipper_facts import Repeat, Told, answered, asked, declined, refused, repeated
from ingestd.composing.short_times import ShortTimes
from ingestd.composing.sms_pieces import PieceMaker
from ingestd.composing.sms_words import sms_words
from ingestd.composing.templates import TemplateBook
from ingestd.composing.text_message import BRACKETS, TextMessage, packed
from ingestd.composing.wording import LANGUAGES, BrokenTemplateError, Language, Wording, table
from ingestd.composing.work_order_sms import WorkOrderFit
from ingestd.config.settings import Site, WorkOrderSms
from ingestd.domain.decision import OverdueReview, Wanted
from ingestd.domain.order import OrderView
from ingestd.domain.reading import Payment

__all__ = ["Composer", "Language", "Letter", "Repeat", "ReviewCase", "TextMessage", "Told", "Trouble"]

MOST_PARTS = 4  # text messages of a letter about several orders
MOST_SHORT = 12  # orders in them
IF_ROOM = "\x1f"  # begins a line of a text message that is worth no part of its own; no words of anybody hold it
HEADED = {"change", "cancellation", "notice", "progress"}  # the first line of their text messages heads every part
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
    "change": ("sms.txt",),
    "cancellation": ("email.txt", "email.html", "sms.txt"),
    "notice": ("email.txt", "email.html", "sms.txt"),
    "which_order": ("email.txt", "email.html", "sms.txt"),
    "progress": ("email.txt", "email.html", "sms.txt"),
    "daily": ("email.txt", "email.html", "sms.txt"),
    "announcement": ("email.txt", "email.html", "sms.txt"),
    "chase": ("email.txt", "email.html", "sms.txt"),
    "escalation": ("email.txt", "email.html", "sms.txt"),
    "review_notice": ("email.txt", "email.html"),
    "review_due": ("email.txt", "email.html", "sms.txt"),
    "alarm": ("email.txt", "sms.txt"),
}


class Composer:
    """Composes everything in every language.

    Files are read at construction; a broken one raises BrokenTemplateError.
    """

    def __init__(self, template_folders: Sequence[Path], site: Site, sms: WorkOrderSms) -> None:
        self.signature = f"【{clean(site.signature)}】"
        self.house = {
            "site_name": clean(site.name),
            "site_phone": clean(site.phone),
            "site_address": site.address,
            "if_room": IF_ROOM,
        }
        self.book = TemplateBook(template_folders, PURPOSES)
        self.wordings: dict[str, Wording] = {lang: Wording(template_folders, lang, site.zone) for lang in LANGUAGES}
        places = Places(table(template_folders, "places.toml"))
        self.tellers: dict[str, Teller] = {lang: Teller(wording, places) for lang, wording in self.wordings.items()}
        self.fits: dict[str, WorkOrderFit] = {lang: self.fit(template_folders, lang, site, sms) for lang in LANGUAGES}
        self.try_all()

    def fit(self, template_folders: Sequence[Path], language: Language, site: Site, sms: WorkOrderSms) -> WorkOrderFit:
        """What fits a work order into text messages, in one language."""
        words = sms_words(template_folders, language)
        maker = PieceMaker(words, ShortTimes(words.time, site.zone))
        return WorkOrderFit(maker, Places(table(template_folders, "places.toml")), sms, self.signature)

    # To the shipper.

    def acknowledgement(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper that the order is understood: serial, content, charges, deadline, how to correct it."""
        return self.letter("acknowledgement", language, changed(order, self.tellers[language]))

    def acknowledgement_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The acknowledgement for who ordered by text message."""
        return self.text_message("acknowledgement", language, changed(order, self.tellers[language]))

    def question(self, order: OrderView, language: Language) -> Letter:
        """Asks the shipper for exactly the fields of `order.problems`, showing what is known."""
        return self.letter("question", language, asked(order, self.tellers[language]))

    def question_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The question for who ordered by text message."""
        return self.text_message("question", language, asked(order, self.tellers[language]))

    def confirmation_request(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper what was understood and what it costs, and asks whether that is right."""
        return self.letter("confirmation_request", language, self.tellers[language].facts(order))

    def confirmation_request_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("confirmation_request", language, self.tellers[language].facts(order))

    def refusal(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper that the goods can't be carried, and why."""
        return self.letter("refusal", language, refused(order, self.tellers[language]))

    def refusal_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("refusal", language, refused(order, self.tellers[language]))

    def answer(self, told: Told, language: Language) -> Letter:
        """Answers an inquiry from the tariff, or from an order's record."""
        return self.letter("answer", language, answered(told, self.tellers[language]))

    def answer_sms(self, told: Told, language: Language) -> TextMessage:
        """The same for who asked by text message."""
        return self.text_message("answer", language, answered(told, self.tellers[language]))

    def holding_reply(self, language: Language) -> Letter:
        """Tells who asks that his question is being looked into."""
        return self.letter("holding_reply", language, {})

    def holding_reply_sms(self, language: Language) -> TextMessage:
        """The same for who asked by text message."""
        return self.text_message("holding_reply", language, {})

    def handover(self, order: OrderView, language: Language) -> Letter:
        """Tells the shipper who answered in part that an agent will call him."""
        return self.letter("handover", language, asked(order, self.tellers[language]))

    def handover_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("handover", language, asked(order, self.tellers[language]))

    def decline(self, order: OrderView, reason: str, language: Language) -> Letter:
        """Tells the shipper that an agent does not take the order, and his reason."""
        return self.letter("decline", language, declined(order, reason, self.tellers[language]))

    def decline_sms(self, order: OrderView, reason: str, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("decline", language, declined(order, reason, self.tellers[language]))

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
        return self.letter("duplicate_notice", language, repeated(repeat, self.tellers[language]))

    def duplicate_notice_sms(self, repeat: Repeat, language: Language) -> TextMessage:
        """The same for who ordered by text message."""
        return self.text_message("duplicate_notice", language, repeated(repeat, self.tellers[language]))

    # To dispatch.

    def work_order(self, order: OrderView, language: Language) -> Letter:
        """The whole work order with its attachments, and with what was changed where its reader knew another one."""
        letter = self.letter("work_order", language, changed(order, self.tellers[language]))
        return replace(letter, attachments=order.attachments)

    def work_order_sms(self, order: OrderView, language: Language) -> TextMessage:
        """The work order in one or two text messages; `fits` is false where mail and a call must do.

        Of a changed one only what is other than before, in as many as that takes.
        """
        if order.before is None:
            return self.fits[language].compose(order)
        return self.text_message("change", language, self.change(order, language))

    def change(self, order: OrderView, language: Language) -> Facts:
        """What is other than before, with the amounts to collect here and there where they may be others."""
        maker, teller = self.fits[language].maker, self.tellers[language]
        charges = tuple(replace(charge, name=teller.word(charge.name)) for charge in order.charges)
        priced = replace(order.priced, charges=charges)
        is_paid_here = priced.payment is Payment.PREPAID and moves_money(order)
        before = order.before and maker.in_site_units(order.before)
        shown = replace(order, content=maker.in_site_units(order.content), before=before)
        return {
            **changed(shown, teller),
            "amount": maker.amount(priced, maker.words.long, short=False) if is_paid_here else "",
            "delivery_money": maker.delivery_money(priced) if moves_money(order) else "",
        }

    # Of an order's life.

    def life_letter(self, wanted: Wanted, now: datetime) -> Letter:
        """A letter about what happens to orders after their work orders."""
        return self.letter(templates_of(wanted), wanted.language, self.told(wanted, now))

    def life_sms(self, wanted: Wanted, now: datetime) -> TextMessage:
        """The same as text messages; of several orders as many as fit into a few, the rest counted."""
        name, told = templates_of(wanted), self.told(wanted, now)
        orders = told.get("orders", ())
        due = told.get("due", len(orders))
        text = self.text_message(name, wanted.language, told)
        for many in range(min(due - 1, MOST_SHORT), 0, -1):
            if len(text.parts) <= MOST_PARTS:
                break
            shown = {**told, "orders": orders[:many], "due": many, "more": due - many}
            text = self.text_message(name, wanted.language, shown)
        return text

    def told(self, wanted: Wanted, now: datetime) -> Facts:
        """What the templates of a letter of an order's life are told."""
        return LIFE[templates_of(wanted)](wanted, self.tellers[wanted.language], now)

    # To the desk.

    def review_notice(self, case: ReviewCase, language: Language) -> Letter:
        """Tells the desk what a person must decide, why, and what was read."""
        return self.letter("review_notice", language, reviewed(case, self.tellers[language]))

    def review_due(self, name: str, overdue: Sequence[OverdueReview], language: Language) -> Letter:
        """Reminds of reviews that nobody decided on in time; `name` is empty for the desk."""
        return self.letter("review_due", language, waiting(name, overdue, self.tellers[language]))

    def review_due_sms(self, name: str, overdue: Sequence[OverdueReview], language: Language) -> TextMessage:
        """The reminder as text messages."""
        return self.text_message("review_due", language, waiting(name, overdue, self.tellers[language]))

    def alarm(self, trouble: Trouble, language: Language) -> Letter:
        """Tells a person of trouble of the system: what, since when, what to do."""
        return self.letter("alarm", language, troubled(trouble, self.tellers[language]))

    def alarm_sms(self, trouble: Trouble, language: Language) -> TextMessage:
        """The alarm as text messages."""
        return self.text_message("alarm", language, troubled(trouble, self.tellers[language]))

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
        lines = [line for line in text.splitlines() if line.strip()]
        head = headline(lines.pop(0)) if purpose in HEADED else ""
        return TextMessage(packed(self.signature + head, lines_with_room(self.signature + head, lines)))

    # Trying.

    def try_all(self) -> None:
        """Render everything once with a full, a bare and a changed order, so that a wrong name is found now."""
        self.compare()
        for language in LANGUAGES:
            for order in (FULL_ORDER, BARE_ORDER, CHANGED_ORDER):
                for purpose, told in self.samples(order, language):
                    for kind in PURPOSES[purpose]:
                        variables = {**self.house, "language": language, "subject": "", **told}
                        self.book.attempt(purpose, kind, language, variables)
                self.work_order_sms(order, language)

    def compare(self) -> None:
        """Raise BrokenTemplateError where one language has words for a notice or for progress that another lacks."""
        for name in ("notice", "progress"):
            entries = {language: set(self.wordings[language][name]) for language in LANGUAGES}
            for language, known in entries.items():
                if lacking := sorted(set.union(*entries.values()) - known):
                    reason = f"there is no [{name}.{lacking[0]}], which another language has"
                    raise BrokenTemplateError(self.wordings[language].file, None, reason)

    def samples(self, order: OrderView, language: Literal["zh", "en"]) -> Iterator[tuple[str, Facts]]:
        """Every purpose with what its templates are told of an order, some more than once."""
        teller, now = self.tellers[language], SAMPLE_TIME
        case = ReviewCase(1, "a@b.example", now, ("stale_message", "low_support:destination"), order, "text", now)
        yield "acknowledgement", changed(order, teller)
        yield "question", asked(order, teller)
        yield "confirmation_request", teller.facts(order)
        yield "refusal", refused(order, teller)
        for state in teller.wording["state"]:
            yield "answer", answered(Told(order, state), teller)
        yield "answer", answered(Told(None, "", ANSWER), teller)
        yield "holding_reply", {}
        yield "decline", declined(order, "reason", teller)
        yield "handover", asked(order, teller)
        yield "duplicate_notice", repeated(Repeat((order.serial,), now), teller)
        yield "work_order", changed(order, teller)
        yield "change", self.change(order, language)
        yield "review_due", waiting("", [OverdueReview(1, None, order.serial, 1, "", "other", now, now)], teller)
        yield "review_notice", reviewed(case if order.problems else replace(case, order=None), teller)
        yield "alarm", troubled(Trouble("unknown", "detail", now), teller)
        words = {name: tuple(teller.wording[name]) for name in ("notice", "progress", "follow_up")}
        for wanted in sample_wanted(order, language, words):
            yield templates_of(wanted), self.told(wanted, now)


def lines_with_room(start: str, lines: Sequence[str]) -> list[str]:
    """The lines of a text message, of those marked `IF_ROOM` the ones that make no further part necessary."""
    chosen = {at for at, line in enumerate(lines) if line[0] != IF_ROOM}

    def told(places: Set[int]) -> list[str]:
        return [lines[at].removeprefix(IF_ROOM) for at in sorted(places)]

    most = len(packed(start, told(chosen)))
    for at in range(len(lines)):
        if len(packed(start, told(chosen | {at}))) <= most:
            chosen.add(at)
    return told(chosen)


def headline(line: str) -> str:
    """The head of every part of a text message, apart from what follows it."""
    head = line.strip().translate(BRACKETS)
    return f"{head} " if head[-1:].isascii() else head
