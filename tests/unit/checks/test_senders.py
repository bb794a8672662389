"""Who may do what: whose word counts for a sender, and what a sender may not move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.config.settings import ImapAccount, Settings
from ingestd.config.tables import Customer, Tables
from ingestd.domain.decision import EarlierMail
from ingestd.domain.message import UNVOUCHED, MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Bare, Channel, Details, Envelope, Intent, OrderReading, Party, Reading, Verdict
from tests.unit.checks.cases import FACTS, NOW, READING, SENDER, TABLES, case, deciding, house, known

LAMPS = "a@lights.example"


def by(sender: str, channel: Channel = Channel.EMAIL) -> Reading:
    envelope = Envelope(message_id="9@x.example", from_=(sender,) if channel is Channel.EMAIL else ())
    return replace(READING, channel=channel, sender=sender, envelope=envelope)


def house_with(**changes: object) -> House:
    first = Customer.model_validate(TABLES.customer[0].model_dump() | changes)
    return house(Tables(**{**dict(TABLES), "customer": (first, *TABLES.customer[1:])}))


@pytest.mark.bad_input("B59")
@pytest.mark.parametrize(
    "sender",
    ["wang@lights.example.evil.example", "a@sub.lights.example", "a@xlights.example", "a@lights.example.", "a@lights"],
)
def test_a_domain_that_is_not_exactly_the_customers_is_a_strangers(sender: str) -> None:
    assert decide(case(by(sender)), deciding()).reviews == ((None, "unknown_sender"),)


def test_a_domain_is_the_same_as_its_a_labels_in_table_and_mail() -> None:
    of = house_with(domains=("例子.example",))
    assert decide(case(by("li@xn--fsqu00a.example")), deciding(of)).new_orders[0].customer == "鞋厂"


class TestVerdict:
    STRICT = house(settings=Settings(imap=(ImapAccount(name="orders", host="h", authserv_id="mx.house.example"),)))

    def reviews(self, *methods: tuple[str, str, str | None], of: House = STRICT) -> object:
        envelope = replace(READING.envelope, verdicts=(Verdict("mx.house.example", methods),))
        return decide(case(replace(READING, envelope=envelope)), deciding(of)).reviews

    @pytest.mark.bad_input("B54", "B56")
    @pytest.mark.parametrize(
        "methods",
        [
            (("dmarc", "pass", "evil.example"),),
            (("dkim", "pass", "evil.example"), ("spf", "pass", "evil.example")),
            (("spf", "pass", None),),
            (("dmarc", "temperror", "shoes.example"),),
            (("dkim", "pass", "shoes.example.evil.example"),),
            (("arc", "pass", "shoes.example"),),
            (),
        ],
    )
    def test_what_passed_for_another_domain_or_not_at_all_vouches_for_nobody(
        self, methods: tuple[tuple[str, str, str | None], ...]
    ) -> None:
        assert self.reviews(*methods) == ((None, "authentication_failed:not aligned"),)

    @pytest.mark.bad_input("B54")
    def test_a_failed_dmarc_beats_all_that_passed(self) -> None:
        passed = (("dkim", "pass", "shoes.example"), ("spf", "pass", "shoes.example"), ("dmarc", "pass", None))
        assert self.reviews(*passed, ("dmarc", "fail", "shoes.example")) == ((None, "authentication_failed:dmarc"),)

    def test_a_domain_below_or_above_the_senders_is_his(self) -> None:
        assert self.reviews(("dkim", "pass", "mail.shoes.example")) == ()

    def test_what_came_to_the_inlet_from_elsewhere_is_believed_by_no_setting(self) -> None:
        head = (Verdict(UNVOUCHED), Verdict("mx.house.example", (("dmarc", "pass", "shoes.example"),)))
        envelope = replace(READING.envelope, verdicts=head)
        for of in (self.STRICT, house()):
            decision = decide(case(replace(READING, envelope=envelope)), deciding(of))
            assert decision.reviews == ((None, "not_our_server"),)
            assert decision.new_orders == ()


class TestWhoHasLeft:
    @pytest.mark.bad_input("B60")
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"disabled": True}, "customer_disabled"),
            ({"addresses": (), "domains": ("shoes.example",), "former": (SENDER,)}, "former_sender"),
        ],
    )
    def test_goes_to_a_person_who_is_told_and_gets_no_answer(self, changes: dict[str, object], reason: str) -> None:
        decision = decide(case(), deciding(house_with(**changes)))
        assert (decision.state, decision.reviews, decision.new_orders) == (MessageState.REVIEW, ((None, reason),), ())
        assert [w.recipient for w in decision.wanted] == ["desk@house.example"]

    def test_by_phone_alike(self) -> None:
        of = house_with(phones=(), former=("+8613800000001",))
        assert decide(case(by("+8613800000001", Channel.SMS)), deciding(of)).reviews == ((None, "unknown_sender"),)
        with pytest.raises(ValidationError, match="stands in former, too"):
            house_with(former=("+8613800000001",))


class TestTextMessages:
    @pytest.mark.bad_input("B84")
    @pytest.mark.parametrize("sender", [SENDER, LAMPS, "li@house.example", "鞋厂", ""])
    def test_letters_shown_as_the_sender_prove_nobody(self, sender: str) -> None:
        assert decide(case(by(sender, Channel.SMS)), deciding()).reviews == ((None, "unknown_sender"),)

    def test_a_phone_in_from_of_a_mail_proves_nobody(self) -> None:
        assert decide(case(by("+8613800000001")), deciding()).reviews == ((None, "unknown_sender"),)


class TestSomebodyElsesOrder:
    OTHERS = known("260310005", OrderState.ASKED, customer="灯厂", questions=1)
    MINE = known("260310006", OrderState.ASKED, questions=1)
    OFFERED = known("260310007", OrderState.OFFERED)

    @pytest.mark.bad_input("B62")
    @pytest.mark.parametrize("how", ["thread", "named"])
    @pytest.mark.parametrize(
        "reading",
        [
            READING,
            replace(READING, intent=Intent.AMENDMENT, orders=(OrderReading(shipper=Party("李")),)),
            replace(READING, intent=Intent.CONFIRMATION, orders=()),
            replace(READING, intent=Intent.CANCELLATION, orders=()),
            replace(READING, intent=Intent.CHANGE_LETTER, orders=()),
            replace(READING, intent=Intent.RELEASE, orders=()),
            replace(READING, intent=Intent.AMENDMENT, orders=(), bare=Bare(phones=("+8613900000099",))),
        ],
        ids=lambda reading: str(reading.intent),
    )
    def test_is_moved_by_no_customer_nor_is_his_own_meanwhile(self, reading: Reading, how: str) -> None:
        for mine in (self.MINE, self.OFFERED):
            decision = decide(case(reading, **{how: (self.OTHERS,)}, open=(mine,)), deciding())
            assert decision.reviews == ((None, "other_customers_order"),)
            assert (decision.changes, decision.new_orders) == ((), ())
            assert {w.recipient for w in decision.wanted} == {"desk@house.example"}

    @pytest.mark.bad_input("B62")
    def test_is_told_to_no_customer_who_asks_for_it(self) -> None:
        asking = replace(READING, intent=Intent.INQUIRY, orders=(), details=Details(inquiry="status"))
        for how in ({"thread": (self.OTHERS,)}, {"named": (self.OTHERS,), "open": (self.MINE,)}):
            decision = decide(case(asking, **how), deciding())
            assert decision.reviews == ((None, "inquiry:status"),)
            assert [w.order for w in decision.wanted] == [None, None]  # the desk's, and a holding reply

    @pytest.mark.bad_input("B62")
    def test_beside_an_order_of_his_own_is_still_somebody_elses(self) -> None:
        decision = decide(case(READING, thread=(self.MINE, self.OTHERS)), deciding())
        assert decision.reviews == ((None, "other_customers_order"),)

    def test_a_dispatcher_who_answers_a_letter_about_anothers_order_accepts_none_of_his_own(self) -> None:
        mine = known("260310008", OrderState.DISPATCHED)
        others = known("260310009", OrderState.DISPATCHED, dispatcher="8012")
        taken = replace(by("li@house.example"), intent=Intent.REPORT, orders=(), details=Details(report="accepted"))
        assert decide(case(taken, open=(mine,)), deciding()).changes[0].order is mine
        decision = decide(case(taken, open=(mine,), thread=(others,)), deciding())
        assert (decision.changes, decision.reviews) == ((), ((None, "report_without_order:accepted"),))


@pytest.mark.bad_input("B44")
@pytest.mark.parametrize("reason", ["no_verdict", "authentication_failed:dmarc", "not_our_server", "unknown_sender"])
@pytest.mark.parametrize("core", ["c" * 64, "d" * 64], ids=["same", "other"])
def test_a_mail_that_nobody_believed_suppresses_none_of_its_message_id(reason: str, core: str) -> None:
    squatter = EarlierMail(3, "1@shoes.example", core, SENDER, NOW, MessageState.REVIEW, (), reason)
    decision = decide(case(earlier=(squatter,)), deciding())
    assert decision.new_orders[0].state is OrderState.CONFIRMED
    assert FACTS.core_hash == "c" * 64


class TestOwnMail:
    @pytest.mark.bad_input("B37")
    def test_is_known_by_mark_address_or_message_id(self) -> None:
        mark = deciding().keys.mark()
        coming_back = (
            case(replace(READING, envelope=replace(READING.envelope, own_mark=mark, message_id="new@relay.example"))),
            case(by("orders@orders.example")),
            case(READING, own_key="k" * 26),
        )
        for one in coming_back:
            decision = decide(one, deciding())
            assert (decision.state, decision.wanted) == (MessageState.IGNORED, ())

    def test_of_another_house_is_not_ours(self) -> None:
        envelope = replace(READING.envelope, own_mark="f" * 16)
        assert decide(case(replace(READING, envelope=envelope)), deciding()).new_orders[0].customer == "鞋厂"


@pytest.mark.bad_input("B31", "B34")
def test_a_machines_answer_to_our_letter_is_noted_on_the_senders_order_and_on_no_other() -> None:
    away = replace(READING, intent=Intent.AUTOMATIC, orders=(), envelope=replace(READING.envelope, machine="x"))
    mine, others = known("260310001", OrderState.ASKED), known("260310002", OrderState.ASKED, customer="灯厂")
    decision = decide(case(away, thread=(mine, others)), deciding())
    assert (decision.state, decision.wanted, decision.changes) == (MessageState.IGNORED, (), ())
    assert [(event.kind, event.serial) for event in decision.events] == [("automatic", "260310001")]


@pytest.mark.bad_input("B39")
def test_a_mail_of_too_many_hops_is_put_aside_and_a_person_told() -> None:
    decision = decide(case(replace(READING, envelope=replace(READING.envelope, hops=51))), deciding())
    assert decision.state is MessageState.QUARANTINED
    assert [(a.part, a.kind) for a in decision.alarms] == [("message 7", "quarantine")]
    assert decide(case(replace(READING, envelope=replace(READING.envelope, hops=50))), deciding()).new_orders
