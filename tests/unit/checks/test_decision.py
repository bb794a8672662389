"""What becomes of a message: one test a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ingestd.checks.content import joined
from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.config.load import ConfigurationError
from ingestd.config.settings import ImapAccount, Settings, SmsGateway
from ingestd.config.tables import Area, Tables
from ingestd.domain.decision import Decision, EarlierMail, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import (
    Bounce,
    CargoLine,
    Channel,
    Code,
    Consignee,
    Details,
    Envelope,
    Intent,
    OrderReading,
    Pickup,
    Problem,
    Reading,
    Reference,
    Verdict,
)
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import (
    CASE,
    FACTS,
    NOW,
    ORDER,
    READING,
    SENDER,
    SETTINGS,
    TABLES,
    case,
    deciding,
    house,
    known,
)

MISSING_PHONE = replace(
    READING,
    orders=(replace(ORDER, consignee=Consignee("马先生")),),
    problems=(Problem(Code.MISSING, "consignee.phones", 0),),
)


def report(kind: str, *named: str, sender: str = "+8613900000011") -> Reading:
    return Reading(Channel.SMS, sender, None, Intent.REPORT, refers_to=named, details=Details(report=kind))


class TestACompleteOrderOfAKnownSender:
    def test_is_confirmed_with_its_work_order_by_mail_and_sms_a_copy_and_an_acknowledgement(self) -> None:
        decision = decide(CASE, deciding())
        assert decision.state is MessageState.APPLIED
        assert [o.state for o in decision.new_orders] == [OrderState.CONFIRMED]
        assert [(w.purpose, w.channel, w.recipient) for w in decision.wanted] == [
            (Purpose.WORK_ORDER, Channel.EMAIL, "li@house.example"),
            (Purpose.WORK_ORDER, Channel.SMS, "+8613900000011"),
            (Purpose.WORK_ORDER_COPY, Channel.EMAIL, "zhou@house.example"),
            (Purpose.ACKNOWLEDGEMENT, Channel.EMAIL, SENDER),
        ]

    def test_starts_the_three_minutes_at_its_arrival(self) -> None:
        decision = decide(CASE, deciding())
        assert decision.new_orders[0].clock_start == FACTS.arrived_at
        work_orders = [w for w in decision.wanted if w.purpose is Purpose.WORK_ORDER]
        assert {w.deadline for w in work_orders} == {FACTS.arrived_at + timedelta(seconds=180)}

    def test_is_to_be_accepted_asked_for_and_told_up_at_its_deadline(self) -> None:
        decision = decide(CASE, deciding())
        by = decision.new_orders[0].pickup_by
        assert by is not None
        assert [(f.kind, f.due_at) for f in decision.follow_ups] == [
            ("not_accepted", NOW + timedelta(minutes=5)),
            ("vehicle_asked", NOW + timedelta(minutes=30)),
            ("pickup_asked", NOW + timedelta(hours=1)),
            ("pickup_asked_again", by - timedelta(minutes=30)),
            ("pickup_overdue", by),
            ("pickup_escalated", by),
            ("daily_note", NOW + timedelta(days=1)),
        ]

    def test_of_a_customer_whose_orders_an_agent_confirms_waits_for_him(self) -> None:
        envelope = Envelope(message_id="2@lights.example", from_=("a@lights.example",))
        decision = decide(case(replace(READING, sender="a@lights.example", envelope=envelope)), deciding())
        assert decision.new_orders[0].state is OrderState.REVIEW
        assert [w.purpose for w in decision.wanted] == [Purpose.REVIEW_NOTICE]
        about = decision.wanted[0].about
        assert about is not None
        assert about.due_at == FACTS.arrived_at + timedelta(minutes=30)

    def test_from_a_customers_machine_goes_out_without_an_answer(self) -> None:
        envelope = replace(READING.envelope, machine="Auto-Submitted: auto-generated")
        decision = decide(case(replace(READING, envelope=envelope)), deciding())
        assert decision.new_orders[0].state is OrderState.CONFIRMED
        assert {w.purpose for w in decision.wanted} == {Purpose.WORK_ORDER, Purpose.WORK_ORDER_COPY}

    def test_two_of_them_in_one_mail_become_two_orders(self) -> None:
        other = replace(ORDER, destination="温州")
        decision = decide(case(replace(READING, orders=(ORDER, other))), deciding())
        assert [o.serial for o in decision.new_orders] == ["260310001", "260310002"]


class TestDoubt:
    def test_a_missing_field_is_asked_for_and_dispatched_to_nobody(self) -> None:
        decision = decide(case(MISSING_PHONE), deciding())
        assert decision.new_orders[0].state is OrderState.ASKED
        assert [(w.purpose, w.recipient) for w in decision.wanted] == [(Purpose.QUESTION, SENDER)]
        assert decision.follow_ups == ()

    def test_a_field_that_the_reader_forgot_to_miss_is_missed_all_the_same(self) -> None:
        decision = decide(case(replace(MISSING_PHONE, problems=())), deciding())
        assert decision.new_orders[0].state is OrderState.ASKED
        assert decision.new_orders[0].problems == (Problem(Code.MISSING, "consignee.phones", 0),)

    def test_a_missing_field_in_a_machines_order_is_for_a_person(self) -> None:
        envelope = replace(READING.envelope, machine="Precedence: bulk")
        decision = decide(case(replace(MISSING_PHONE, envelope=envelope)), deciding())
        assert decision.new_orders[0].state is OrderState.REVIEW
        assert {w.purpose for w in decision.wanted} == {Purpose.REVIEW_NOTICE}

    @pytest.mark.parametrize(
        ("reading", "reason"),
        [
            (replace(READING, review=("leftover_data",)), "leftover_data"),
            (
                replace(READING, orders=(replace(ORDER, pickup=replace(ORDER.pickup, address="拉萨城关区")),)),
                "unknown_area:pickup.address",
            ),
        ],
    )
    def test_goes_to_a_person_and_the_desk_is_told_why(self, reading: Reading, reason: str) -> None:
        decision = decide(case(reading), deciding())
        assert decision.state is MessageState.REVIEW
        assert decision.reviews == (("260310001", reason),)
        assert [(w.purpose, w.recipient, w.notes) for w in decision.wanted] == [
            (Purpose.REVIEW_NOTICE, "desk@house.example", (reason,))
        ]

    def test_goods_named_in_general_are_asked_for(self) -> None:
        vague = replace(ORDER, cargo=(replace(ORDER.cargo[0], name="货物"),))
        decision = decide(case(replace(READING, orders=(vague,))), deciding())
        assert decision.new_orders[0].state is OrderState.ASKED
        assert Problem(Code.AMBIGUOUS, "cargo.name", 0) in decision.new_orders[0].problems

    def test_an_order_older_than_twelve_hours_is_for_a_person(self) -> None:
        late = deciding(now=NOW + timedelta(hours=13))
        assert decide(CASE, late).new_orders[0].state is OrderState.REVIEW

    def test_a_site_may_decide_otherwise_what_a_hit_means(self) -> None:
        lenient = house(TABLES.model_copy(update={"findings": {"stale_message": "note"}}))
        late = deciding(lenient, now=NOW + timedelta(hours=13))
        assert decide(CASE, late).new_orders[0].state is OrderState.CONFIRMED

    def test_the_same_content_in_a_new_mail_is_for_a_person(self) -> None:
        decision = decide(case(twins=(known("260310009", OrderState.DISPATCHED),)), deciding())
        assert decision.new_orders[0].state is OrderState.REVIEW
        assert decision.reviews == (("260310001", "second_shipment:260310009"),)

    def test_the_same_content_with_a_word_that_says_so_is_a_second_shipment(self) -> None:
        again = replace(READING, text="再发一票")
        decision = decide(case(again, twins=(known("260310009", OrderState.DISPATCHED),)), deciding())
        assert decision.new_orders[0].state is OrderState.CONFIRMED

    def test_other_content_under_the_same_reference_is_for_a_person(self) -> None:
        first = replace(known("260310009", OrderState.DISPATCHED), content=under("PO-7781"))
        more = replace(ORDER, cargo=(replace(ORDER.cargo[0], quantity=Decimal(51)),))
        message = replace(READING, orders=(replace(more, references=(Reference("customer", "ＰＯ-7781"),)),))
        decision = decide(case(message, namesakes=(first,)), deciding())
        assert decision.reviews == (("260310001", "same_reference:260310009"),)
        said = decide(case(replace(message, text="再发一票"), namesakes=(first,)), deciding())
        assert said.new_orders[0].state is OrderState.CONFIRMED

    @pytest.mark.parametrize(
        "first",
        [
            replace(ORDER, references=(Reference("customer", "PO-7782"),)),
            replace(ORDER, references=(Reference("entry", "PO-7781"),)),
            replace(
                ORDER,
                references=(Reference("customer", "PO-7781"),),
                consignee=Consignee(name="钱先生", phones=("+8613700007777",)),
            ),
        ],
        ids=["another reference", "of another kind", "another consignee"],
    )
    def test_nothing_else_is_taken_for_the_same_reference(self, first: OrderReading) -> None:
        earlier = replace(known("260310009", OrderState.DISPATCHED), content=first)
        decision = decide(case(replace(READING, orders=(under("PO-7781"),)), namesakes=(earlier,)), deciding())
        assert decision.new_orders[0].state is OrderState.CONFIRMED


def under(reference: str) -> OrderReading:
    """The order under a reference of the customer's."""
    return replace(ORDER, references=(Reference("customer", reference),))


class TestWhoSentIt:
    def test_a_stranger_gets_no_answer_but_a_review(self) -> None:
        stranger = replace(READING, sender="x@y.example", envelope=Envelope(from_=("x@y.example",)))
        decision = decide(case(stranger), deciding())
        assert decision.state is MessageState.REVIEW
        assert decision.new_orders == ()
        assert [w.recipient for w in decision.wanted] == ["desk@house.example"]

    def test_two_addresses_in_from_are_nobody(self) -> None:
        two = replace(READING, envelope=Envelope(from_=(SENDER, "x@y.example")))
        assert decide(case(two), deciding()).reviews == ((None, "not_one_sender"),)

    @pytest.mark.parametrize(
        ("verdicts", "reason"),
        [
            ((), "no_verdict"),
            ((Verdict("other.example", (("dmarc", "pass", "shoes.example"),)),), "no_verdict"),
            (
                (
                    Verdict("mx.house.example", (("dmarc", "fail", None), ("dkim", "pass", "shoes.example"))),
                    Verdict("mx.house.example", (("dmarc", "pass", "shoes.example"),)),
                ),
                "authentication_failed:dmarc",
            ),
            ((Verdict("mx.house.example", (("spf", "pass", "evil.example"),)),), "authentication_failed:not aligned"),
            ((Verdict("MX.house.example", (("dkim", "pass", "shoes.example"),)),), None),
            ((Verdict("mx.house.example", (("dmarc", "pass", None),)),), None),
        ],
    )
    def test_only_the_topmost_verdict_of_our_own_server_counts(
        self, verdicts: tuple[Verdict, ...], reason: str | None
    ) -> None:
        account = ImapAccount(name="orders", host="mx.house.example", authserv_id="mx.house.example")
        strict = house(settings=Settings(imap=(account,)))
        decision = decide(
            case(replace(READING, envelope=replace(READING.envelope, verdicts=verdicts))), deciding(strict)
        )
        assert decision.reviews == (((None, reason),) if reason else ())


class TestSetAside:
    @pytest.mark.parametrize(
        "reading",
        [
            replace(READING, intent=Intent.AUTOMATIC),
            replace(READING, intent=Intent.INQUIRY, envelope=replace(READING.envelope, machine="List-Id: x")),
            replace(READING, intent=Intent.OTHER, orders=()),
            replace(READING, envelope=replace(READING.envelope, own_mark=deciding().keys.mark())),
            replace(READING, envelope=replace(READING.envelope, bounce=Bounce("x@y", "a@b", "5.1.1", "failed"))),
        ],
    )
    def test_what_machines_and_newsletters_send_is_ignored_and_never_answered(self, reading: Reading) -> None:
        decision = decide(case(reading), deciding())
        assert decision.state is MessageState.IGNORED
        assert decision.wanted == ()

    @pytest.mark.parametrize("intent", [Intent.AUTOMATIC, Intent.OTHER, Intent.AMENDMENT, Intent.CANCELLATION])
    def test_what_nobody_may_be_sure_of_is_for_a_person(self, intent: Intent) -> None:
        decision = decide(case(replace(READING, intent=intent, orders=(), review=("unclear_intent",))), deciding())
        assert decision.state is MessageState.REVIEW
        assert decision.reviews == ((None, "unclear_intent"),)

    def test_a_bounce_of_ours_reopens_its_sending(self) -> None:
        returned = replace(READING, envelope=Envelope(bounce=Bounce("k@orders.example", None, "5.1.1", "failed")))
        decision = decide(case(returned, bounced_key="k"), deciding())
        assert (decision.state, decision.bounced_key) == (MessageState.APPLIED, "k")

    def test_a_delay_notice_moves_nothing(self) -> None:
        delayed = replace(READING, envelope=Envelope(bounce=Bounce("k@orders.example", None, "4.4.1", "delayed")))
        assert decide(case(delayed, bounced_key="k"), deciding()).state is MessageState.IGNORED

    def test_the_same_mail_again_is_joined_to_the_first_and_its_sender_told(self) -> None:
        first = EarlierMail(3, "1@shoes.example", FACTS.core_hash, SENDER, NOW, MessageState.APPLIED, ("260310001",))
        decision = decide(case(earlier=(first,)), deciding())
        assert (decision.state, decision.duplicate_of) == (MessageState.DUPLICATE, 3)
        assert [(w.purpose, w.cause, w.serials) for w in decision.wanted] == [
            (Purpose.DUPLICATE_NOTICE, "message:3", ("260310001",))
        ]

    def test_its_message_id_with_another_content_is_no_duplicate(self) -> None:
        first = EarlierMail(3, "1@shoes.example", "d" * 64, SENDER, NOW, MessageState.APPLIED, ())
        assert decide(case(earlier=(first,)), deciding()).reviews == ((None, "same_id_other_content"),)

    def test_that_other_content_again_is_joined_to_its_own_first(self) -> None:
        another = EarlierMail(3, "1@shoes.example", "d" * 64, SENDER, NOW, MessageState.APPLIED, ("260310001",))
        reason = "same_id_other_content"
        first = EarlierMail(4, "1@shoes.example", FACTS.core_hash, SENDER, NOW, MessageState.REVIEW, (), reason)
        decision = decide(case(earlier=(another, first)), deciding())
        assert (decision.state, decision.duplicate_of, decision.wanted) == (MessageState.DUPLICATE, 4, ())

    def test_somebody_elses_mail_of_that_message_id_suppresses_nothing(self) -> None:
        squatter = EarlierMail(3, "1@shoes.example", FACTS.core_hash, "x@y.example", NOW, MessageState.REVIEW, ())
        assert decide(case(earlier=(squatter,)), deciding()).new_orders[0].state is OrderState.CONFIRMED

    def test_a_strangers_very_same_mail_again_is_joined_and_nobody_told(self) -> None:
        unknown = replace(READING, sender="x@y.example")
        first = EarlierMail(3, "1@shoes.example", FACTS.core_hash, "x@y.example", NOW, MessageState.REVIEW, (), UNKNOWN)
        again = decide(case(unknown, earlier=(first,)), deciding())
        assert (again.state, again.duplicate_of, again.wanted) == (MessageState.DUPLICATE, 3, ())
        for other in (
            replace(first, core_hash="d" * 64),
            replace(first, sender="z@y.example"),
            replace(first, reason=""),
        ):
            assert decide(case(unknown, earlier=(other,)), deciding()).reviews == ((None, UNKNOWN),)

    def test_an_unreadable_mail_of_a_customer_is_for_a_person(self) -> None:
        image = replace(READING, intent=Intent.OTHER, orders=(), problems=(Problem(Code.UNREADABLE, "message"),))
        assert decide(case(image), deciding()).state is MessageState.REVIEW


UNKNOWN = "unknown_sender"
LAMPS, SHADES = CargoLine("灯", Decimal(2), "箱", Decimal(30)), CargoLine("灯罩", Decimal(5), "箱", None)
PHONES = ("+8613900000098",)


class TestDuty:
    """NOW is 10:03 on a Tuesday; an urban pickup confirmed then is due by 15:00."""

    def dispatched(self, duty: str) -> Decision:
        staff = (TABLES.staff[0].model_copy(update={"duty": duty}), *TABLES.staff[1:])
        return decide(CASE, deciding(house(Tables(**{**dict(TABLES), "staff": staff}))))

    def sms(self, decision: Decision) -> Wanted:
        (text,) = (w for w in decision.wanted if w.purpose is Purpose.WORK_ORDER and w.channel is Channel.SMS)
        return text

    @pytest.mark.parametrize("duty", ["", "08:00-20:00", "22:00-10:30", "20:00-08:00", "15:00-23:00"])
    def test_a_work_order_by_sms_is_immediate_on_duty_and_where_the_pickup_is_due_before(self, duty: str) -> None:
        text = self.sms(self.dispatched(duty))
        assert (text.not_before, text.deadline) == (None, CASE.facts.arrived_at + timedelta(minutes=3))

    def test_it_waits_for_the_duty_of_its_recipient_and_his_mail_does_not(self) -> None:
        decision, begins = self.dispatched("13:00-21:00"), NOW.replace(hour=5, minute=0)
        text = self.sms(decision)
        assert (text.not_before, text.deadline) == (begins, begins + timedelta(minutes=3))
        others = [w for w in decision.wanted if w is not text]
        assert {w.not_before for w in others} == {None}
        asked_at = {f.kind: f.due_at for f in decision.follow_ups}
        assert asked_at["not_accepted"] == begins + timedelta(minutes=5)  # the clocks start with his duty
        assert asked_at["pickup_asked"] == begins + timedelta(hours=1)


class TestASiteWithoutTextMessages:
    """`sms.enabled` is false; some people have phones all the same."""

    OFF = SETTINGS.model_copy(update={"sms": SmsGateway()})

    def test_sends_work_orders_chases_and_alarms_by_mail_alone(self) -> None:
        site = house(settings=self.OFF)
        assert {w.channel for w in decide(CASE, deciding(site)).wanted} == {Channel.EMAIL}
        both = TABLES.staff[0].model_copy(update={"main_channel": "sms"})
        assert site.reach(both) == (Channel.EMAIL, "li@house.example")

    def test_is_refused_where_work_orders_would_reach_nobody(self) -> None:
        phone_only = (TABLES.staff[0].model_copy(update={"email": None}), *TABLES.staff[1:])
        with pytest.raises(ConfigurationError, match="staff 8011 has only a phone"):
            house(Tables(**{**dict(TABLES), "staff": phone_only}), self.OFF)


class TestAnAnswer:
    ASKED = known("260310005", OrderState.ASKED, replace(ORDER, consignee=Consignee("马先生")), questions=1)
    ASKED = replace(ASKED, problems=(Problem(Code.MISSING, "consignee.phones", 0),))
    ANSWER = replace(
        READING,
        intent=Intent.AMENDMENT,
        orders=(OrderReading(consignee=Consignee(phones=("+8613900000099",))),),
    )

    @pytest.mark.parametrize("how", ["thread", "named", "open"])
    def test_completes_its_order_which_is_then_confirmed(self, how: str) -> None:
        decision = decide(case(self.ANSWER, **{how: (self.ASKED,)}), deciding())
        (change,) = decision.changes
        assert (change.state, change.problems) == (OrderState.CONFIRMED, ())
        assert change.content is not None
        assert change.content.consignee == Consignee("马先生", None, ("+8613900000099",))
        assert change.order_time is not None
        assert change.order_time.at == READING.sent_at
        assert {w.cause for w in decision.wanted} == {"order:260310005/2"}

    def test_that_is_incomplete_again_goes_to_a_person(self) -> None:
        useless = replace(self.ANSWER, orders=(OrderReading(remarks="快点"),))
        decision = decide(case(useless, thread=(self.ASKED,)), deciding())
        assert decision.changes[0].state is OrderState.REVIEW
        assert Purpose.QUESTION not in {w.purpose for w in decision.wanted}

    def test_with_a_whole_order_in_it_replaces_what_was_known(self) -> None:
        decision = decide(case(READING, thread=(self.ASKED,)), deciding())
        assert decision.new_orders == ()
        assert decision.changes[0].state is OrderState.CONFIRMED

    def test_with_a_whole_order_of_other_goods_for_somebody_else_is_for_a_person(self) -> None:
        other = replace(ORDER, cargo=(LAMPS,), destination="温州", consignee=Consignee("林小姐", None, PHONES))
        decision = decide(case(replace(READING, orders=(other,)), thread=(self.ASKED,)), deciding())
        assert (decision.changes, decision.new_orders) == ((), ())
        assert decision.reviews == (("260310005", "another_order:260310005"),)

    def test_that_corrects_goods_and_consignee_is_still_an_answer(self) -> None:
        corrected = replace(ORDER, cargo=(LAMPS,), consignee=Consignee("马建国", None, PHONES))
        decision = decide(case(replace(READING, orders=(corrected,)), thread=(self.ASKED,)), deciding())
        assert decision.changes[0].state is OrderState.CONFIRMED

    def test_about_another_customers_order_changes_nothing(self) -> None:
        foreign = replace(self.ASKED, customer="灯厂")
        assert decide(case(self.ANSWER, thread=(foreign,)), deciding()).changes == ()
        assert decide(case(READING, thread=(foreign,)), deciding()).new_orders == ()

    def test_that_a_later_mail_overtook_changes_nothing(self) -> None:
        newer = replace(self.ASKED, last_message_arrived_at=NOW + timedelta(minutes=1))
        assert decide(case(self.ANSWER, thread=(newer,)), deciding()).changes == ()

    def test_that_fits_two_orders_is_for_a_person(self) -> None:
        two = (self.ASKED, replace(self.ASKED, serial="260310006", order_id=2))
        assert decide(case(self.ANSWER, open=two), deciding()).reviews == ((None, "unclear_order:260310005|260310006"),)


class TestAReport:
    SENT = known("260310221", OrderState.DISPATCHED)
    OTHER = known("260310222", OrderState.DISPATCHED, order_id=2)

    def test_bare_received_takes_everything_outstanding(self) -> None:
        decision = decide(case(report("accepted"), open=(self.SENT, self.OTHER)), deciding())
        assert [(c.order.serial, c.state) for c in decision.changes] == [
            ("260310221", OrderState.TAKEN),
            ("260310222", OrderState.TAKEN),
        ]

    @pytest.mark.parametrize("named", ["260310221", "221"])
    def test_picked_up_ends_the_chase_of_the_named_order(self, named: str) -> None:
        decision = decide(case(report("picked_up", named), open=(self.SENT, self.OTHER)), deciding())
        assert [(c.order.serial, c.state) for c in decision.changes] == [("260310221", OrderState.PICKED_UP)]
        assert {("260310221", "pickup_asked"), ("260310221", "pickup_overdue")} <= {*decision.ends}

    def test_by_a_driver_counts_for_his_dispatchers_orders(self) -> None:
        decision = decide(case(report("picked_up", "221", sender="+8613900000013"), open=(self.SENT,)), deciding())
        assert decision.changes[0].state is OrderState.PICKED_UP

    def test_of_a_failure_is_told_to_a_person(self) -> None:
        decision = decide(case(report("pickup_failed", "221"), open=(self.SENT,)), deciding())
        assert decision.reviews == (("260310221", "report:pickup_failed"),)

    def test_that_comes_late_moves_no_order_back(self) -> None:
        done = replace(self.SENT, state=OrderState.PICKED_UP)
        assert decide(case(report("accepted", "221"), open=(done,)), deciding()).changes == ()

    def test_by_a_customer_is_for_a_person(self) -> None:
        decision = decide(case(report("picked_up", "221", sender="+8613800000001"), open=(self.SENT,)), deciding())
        assert (decision.changes, decision.state) == ((), MessageState.REVIEW)


def area_of(place: str, of: House) -> Area | None:
    return of.area_at(of.located(place)[0])[0]


def test_the_longest_place_decides_the_area() -> None:
    assert (area := area_of("深圳福田保税区龙岗仓3号", house())) is not None
    assert area.name == "龙岗"


def test_a_default_area_takes_what_no_other_names() -> None:
    areas = (*TABLES.area[:1], TABLES.area[1].model_copy(update={"default": True}))
    found = area_of("拉萨", house(Tables(**{**dict(TABLES), "area": areas})))
    assert found is not None
    assert found.name == "龙岗"


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ((LAMPS,), (CargoLine(weight_kg=Decimal(31)),), (replace(LAMPS, weight_kg=Decimal(31)),)),
        (
            (LAMPS, SHADES),
            (CargoLine("灯罩", weight_kg=Decimal(40)),),
            (LAMPS, replace(SHADES, weight_kg=Decimal(40))),
        ),
        ((LAMPS,), (LAMPS, SHADES), (LAMPS, SHADES)),
        ((LAMPS, SHADES), (CargoLine("椅子"), CargoLine("桌子")), (CargoLine("椅子"), CargoLine("桌子"))),
        ((LAMPS, SHADES), (), (LAMPS, SHADES)),
    ],
)
def test_what_is_told_of_some_goods_leaves_the_others(
    before: tuple[CargoLine, ...], told: tuple[CargoLine, ...], after: tuple[CargoLine, ...]
) -> None:
    assert joined(replace(ORDER, cargo=before), OrderReading(cargo=told)).cargo == after


@pytest.mark.parametrize("told", [CargoLine(weight_kg=Decimal(40)), CargoLine("椅子", Decimal(1), "把")])
def test_goods_of_an_answer_that_may_be_any_of_several_are_for_a_person(told: CargoLine) -> None:
    asked = known("260310005", OrderState.ASKED, replace(ORDER, cargo=(LAMPS, SHADES)))
    answer = replace(READING, intent=Intent.AMENDMENT, orders=(OrderReading(cargo=(told,)),))
    decision = decide(case(answer, thread=(asked,)), deciding())
    assert decision.changes == ()
    assert decision.reviews == (("260310005", "unclear_goods:260310005"),)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("深圳福田汽配城", "深圳福田汽配城A12栋"),
        ("深圳福田汽配城A15栋", "深圳福田汽配城A15栋"),
        ("深圳福田汽配城A12栋3楼", "深圳福田汽配城A12栋3楼"),
    ],
)
def test_an_address_that_only_lacks_its_end_is_the_one_before(said: str, kept: str) -> None:
    assert joined(ORDER, OrderReading(pickup=Pickup(said))).pickup.address == kept
