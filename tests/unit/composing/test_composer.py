"""Letters and text messages: what each says, in both languages, and that nothing of a shipper's is taken for markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ingestd.composing.composer import Composer, Letter, Repeat, ReviewCase, TextMessage, Trouble
from ingestd.composing.drafts import letter_for, text_for
from ingestd.domain.assessment import Assessment, Due, Finding, Hit
from ingestd.domain.decision import OverdueReview
from ingestd.domain.order import OrderView
from ingestd.domain.reading import (
    Attachment,
    Charge,
    Code,
    Consignee,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Problem,
    Reference,
)
from tests.unit.composing.life import chase, escalation
from tests.unit.composing.orders import EXAMPLE, NOON, view
from tests.unit.composing.sms_check import SIGNATURE, air_units

ORDER = view(EXAMPLE)
LATE = NOON + timedelta(hours=5, minutes=30)
MISSING = (
    Problem(Code.MISSING, "consignee.phones", 0),
    Problem(Code.INVALID_PHONE, "shipper.phones", 0),
    Problem(Code.MISSING, "cargo.weight_kg", 0),
)
ASKED = replace(ORDER, content=replace(EXAMPLE, consignee=Consignee("马先生")), problems=MISSING)
EVIL = "{{7*7}}{% x %}<b>王</b>“引”&'\"<script>alert(1)</script>"


def letters(composer: Composer, order: OrderView, language: str) -> dict[str, Letter]:
    case = ReviewCase(12, order.customer, NOON, ("stale_message", order.customer), order, order.customer)
    return {
        "acknowledgement": composer.acknowledgement(order, language),
        "question": composer.question(order, language),
        "duplicate_notice": composer.duplicate_notice(Repeat((order.serial,), NOON), language),
        "work_order": composer.work_order(order, language),
        "chase": letter_for(composer, chase(language, order, name=order.customer), LATE),
        "escalation": letter_for(composer, replace(escalation(language, order, name=order.customer), tried=()), LATE),
        "review_due": composer.review_due(order.customer, [waiting(order)], language),
        "review_notice": composer.review_notice(case, language),
        "alarm": composer.alarm(Trouble("mailbox", order.customer, NOON), language),
    }


def waiting(order: OrderView) -> OverdueReview:
    reason = "stale_message; low_support:destination"
    return OverdueReview(3, 1, order.serial, 12, order.customer, reason, NOON, LATE)


def texts(composer: Composer, order: OrderView, language: str) -> dict[str, TextMessage]:
    return {
        "acknowledgement": composer.acknowledgement_sms(order, language),
        "question": composer.question_sms(order, language),
        "chase": text_for(composer, chase(language, *[order] * 4), LATE),
        "escalation": text_for(composer, escalation(language, *[order] * 4), LATE),
        "review_due": composer.review_due_sms("李", [waiting(order)] * 4, language),
        "alarm": composer.alarm_sms(Trouble("mailbox", "orders", NOON), language),
    }


@pytest.mark.parametrize(
    ("last", "said"), [(20, "2月16日至2月20日停运"), (16, "放假通知：2月16日停运")], ids=["several days", "one day"]
)
def test_an_acknowledgement_tells_of_a_closure_ahead(composer: Composer, last: int, said: str) -> None:
    order = replace(ORDER, closure=(date(2026, 2, 16), date(2026, 2, last)))
    assert said in composer.acknowledgement(order, "zh").text
    assert "停运" in (composer.acknowledgement(order, "zh").html or "")
    assert "停运。" in "".join(composer.acknowledgement_sms(order, "zh").parts)
    assert "closed" in composer.acknowledgement(order, "en").text
    assert "停运" not in composer.acknowledgement(ORDER, "zh").text


def test_an_acknowledgement_says_serial_content_charges_and_deadline(composer: Composer) -> None:
    letter = composer.acknowledgement(ORDER, "zh")
    assert "260310221" in letter.subject
    for text in (letter.text, letter.html or ""):
        for said in ("260310221", "汽配城A12栋", "13823033212", "15件", "200kg", "2.2方", "0571-25852654", "易碎"):
            assert said in text
        assert "运费 320元 + 装卸费 100元，共420元" in text
        assert "3月10日15:00" in text
        assert "0571-88886666" in text


def test_a_question_names_what_is_missing_and_nothing_else(composer: Composer) -> None:
    letter = composer.question(ASKED, "zh")
    assert letter.subject == "请补充：业务单 260310221 还缺收货人联系电话、发货人联系电话、重量或体积"
    assert "1. 收货人联系电话：没有写明" in letter.text
    assert "2. 发货人联系电话：号码有误" in letter.text
    assert "4. " not in letter.text
    assert "收货人：马先生" in letter.text
    assert "None" not in letter.text


def test_a_question_by_text_message_says_what_of_what_is_missing_and_how_to_answer(composer: Composer) -> None:
    [part] = composer.question_sms(replace(ASKED, problems=MISSING[::2]), "zh").parts
    assert part == (
        f"{SIGNATURE}260310221（配件15件往杭州）请补充：收货人电话、重量或体积。直接回复即可，如：收货人电话…，重量…公斤。"
    )
    [part] = composer.question_sms(replace(ASKED, problems=MISSING[1:2]), "zh").parts
    assert part.endswith("请补充：发货人电话（号码有误）。直接回复即可。")
    assert composer.question_sms(replace(ASKED, problems=MISSING[::2]), "en").parts == (
        f"{SIGNATURE}260310221: 配件 15件 to 杭州.",
        f"{SIGNATURE}Please add: consignee's phone, weight or volume.",
        f"{SIGNATURE}Just reply, e.g. consignee's phone …, weight … kg",
    )


def test_an_acknowledgement_by_text_message_tells_the_charges(composer: Composer) -> None:
    assert "另有装卸费100元，" in "".join(composer.acknowledgement_sms(ORDER, "zh").parts).replace(SIGNATURE, "")
    free = replace(ORDER, content=replace(EXAMPLE, charges=()))
    assert "另有" not in "".join(composer.acknowledgement_sms(free, "zh").parts)


def test_who_answered_in_part_is_told_of_the_call(composer: Composer) -> None:
    letter = composer.handover(ASKED, "zh")
    for text in (letter.subject, letter.text, letter.html or ""):
        assert "我们会打电话给您" in text
    [part] = composer.handover_sms(replace(ASKED, problems=MISSING[:1]), "zh").parts
    assert "还有收货人电话要核对" in part


def test_an_order_that_is_the_same_as_another_is_said_to_be_called_off(composer: Composer) -> None:
    same = Repeat(("260310187",), None, "260310221")
    assert composer.duplicate_notice(same, "zh").subject == "已取消：业务单 260310221"
    [part] = composer.duplicate_notice_sms(same, "zh").parts
    assert part == f"{SIGNATURE}260310221已取消，不再安排；260310187照常处理。"


def test_fees_and_classes_of_the_sites_tables_are_told_in_english(composer: Composer) -> None:
    blocked = Assessment(
        (Hit("prohibited_goods", Finding.BLOCK, "烟花:爆炸品"),), dues=(Due("送货费", Decimal(72), "door"),)
    )
    order = replace(ORDER, assessment=blocked)
    assert "烟花 (explosives)" in composer.refusal(order, "en").text
    assert "Delivery fee: CNY 72 (to the door)" in composer.acknowledgement(order, "en").text
    assert "送货费：72元（送货上门）" in composer.acknowledgement(order, "zh").text
    assert "送货费：72元（送货上门）" in composer.work_order(order, "zh").text  # also where nothing is collected


def test_a_field_with_two_problems_is_asked_once(composer: Composer) -> None:
    twice = (Problem(Code.MISSING, "payment", 0), Problem(Code.AMBIGUOUS, "payment", 0))
    assert composer.question(replace(ASKED, problems=twice), "zh").text.count("付费方式：没有写明") == 1


def test_a_reminder_names_what_waits_since_when_it_should_not_and_how_many_more(composer: Composer) -> None:
    nameless = replace(waiting(ORDER), serial=None)
    letter = composer.review_due("", [waiting(ORDER), nameless, *[nameless] * 20], "zh")
    assert letter.subject == "待人工超时：22 件，请速处理"
    for text in (letter.text, letter.html or ""):
        for said in ("260310221", "来件 12", "3月10日17:30", "另有 2 件"):
            assert said in text
        assert "None" not in text
    sms = composer.review_due_sms("李", [waiting(ORDER)] * 4, "zh")
    assert sms.parts[0].startswith(f"{SIGNATURE}待人工超时4件：260310221，")


def test_a_work_order_carries_everything_and_its_attachments(composer: Composer) -> None:
    content = replace(
        EXAMPLE,
        hold=True,
        vehicle="9.6米高栏",
        cod=Decimal(3500),
        declared_value=Decimal("20000.50"),
        references=(Reference("entry", "SZX2603188"),),
        pickup=Pickup("汽配城A12栋", "仓库老李", ("+8675583225577;ext=801",), NOON, NOON + timedelta(hours=2)),
    )
    order = replace(
        view(content), attachments=(Attachment("进仓单.pdf", "application/pdf", 3, b"YWJj\r\n"),), revision=2
    )
    letter = composer.work_order(order, "zh")
    assert letter.attachments == order.attachments
    for text in (letter.text, letter.html or ""):
        for said in ("等通知放货", "9.6米高栏", "3500元", "20000.5元", "SZX2603188", "仓库老李", "0755-83225577转801"):
            assert said in text
        for said in (
            "3月10日12:00至14:00",
            "进仓单.pdf",
            "第2版",
            "工号 8011",
            "杭州市江干区火车站东路3号",
            "2026年3月10日 12:00",
        ):
            assert said in text


@pytest.mark.parametrize(
    ("content", "collected"),
    [
        (EXAMPLE, "运费 320元 + 装卸费 100元，共420元"),
        (replace(EXAMPLE, charges=()), "运费 320元"),
        (replace(EXAMPLE, freight=None, charges=()), "运费（金额请向客服核实）"),
        (replace(EXAMPLE, freight=Decimal("320.50"), charges=(Charge("装卸费", Decimal("0.5")),)), "共321元"),
        (replace(EXAMPLE, payment=Payment.COLLECT), "不收款"),
        (replace(EXAMPLE, payment=Payment.MONTHLY, cod=Decimal(999)), "不收款"),
    ],
)
def test_the_driver_is_told_what_to_collect(composer: Composer, content: OrderReading, collected: str) -> None:
    for line in (composer.work_order(view(content), "zh").text, composer.work_order(view(content), "zh").html or ""):
        assert collected in line


def test_an_order_without_payment_is_not_said_to_be_free(composer: Composer) -> None:
    text = composer.work_order(view(replace(EXAMPLE, payment=None)), "zh").text
    assert "不收款" not in text
    assert "付费方式未写明，请向客服核实" in text


def test_figures_of_names_and_places_do_not_run_into_those_behind_or_before_them(composer: Composer) -> None:
    goods = (replace(EXAMPLE.cargo[0], name="轴承6205"),)
    content = replace(
        EXAMPLE, cargo=goods, pickup=Pickup("8号仓库12栋"), consignee=Consignee("A8", phones=("+8613905791234",))
    )
    order = replace(view(content), problems=MISSING[2:])
    told = [*letters(composer, order, "zh").values()]
    words = "\n".join([*(f"{one.subject}\n{one.text}\n{one.html}" for one in told), *parts_of(composer, order, "zh")])
    assert "轴承6205 15件" in words
    for run_together in ("620515", f"{order.serial}8", "A813905791234"):
        assert run_together not in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_text_message_has_one_signature_whatever_a_shipper_writes(composer: Composer, language: str) -> None:
    content = replace(EXAMPLE, cargo=(replace(EXAMPLE.cargo[0], name="【银行】配件"),), pickup=Pickup("【医院】12栋"))
    for part in parts_of(composer, view(content), language):
        assert part.count("【") == part.count("】") == 1


def parts_of(composer: Composer, order: OrderView, language: str) -> list[str]:
    """All text messages about an order."""
    return [part for text in texts(composer, order, language).values() for part in text.parts]


def test_a_review_notice_says_why_in_words(composer: Composer) -> None:
    case = ReviewCase(
        12, "a@b.example", NOON, ("stale_message", "low_support:consignee.address", "plain words: as they are"), ASKED
    )
    text = composer.review_notice(case, "zh").text
    assert "来件时间过早" in text
    assert "有栏目依据不足（收货地址）" in text
    assert "plain words: as they are" in text
    message_only = composer.review_notice(ReviewCase(12, "a@b.example", NOON, ("unreadable",), due_at=LATE), "zh")
    assert message_only.subject == "待人工：来件 12，来件内容无法读取"


def test_a_review_notice_says_until_when_or_that_there_is_nothing_to_decide(composer: Composer) -> None:
    morning = NOON + timedelta(hours=19, minutes=30)
    case = ReviewCase(12, "a@b.example", NOON, ("unreadable",), due_at=morning + timedelta(hours=1))
    waits, done = composer.review_notice(case, "zh"), composer.review_notice(replace(case, due_at=None), "zh")
    for text in (waits.text, waits.html or ""):
        assert "3月11日8:30" in text.replace('<span class="strong">', "")
    assert done.subject.startswith("请知悉：")
    assert "请在" not in done.text


def test_an_alarm_says_what_since_when_and_what_to_do(composer: Composer) -> None:
    letter = composer.alarm(Trouble("mailbox", "orders", NOON), "zh")
    assert letter.subject == "【告警】订单邮箱读不到：orders"
    assert "2026年3月10日 12:00" in letter.text
    assert "请核对邮箱账号" in letter.text
    assert "系统故障：x" in composer.alarm(Trouble("never heard of", "x", NOON), "zh").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_of_a_shipper_becomes_markup_or_template(composer: Composer, language: str) -> None:
    party = Party(EVIL, EVIL, ("+8613823033212",))
    consignee = Consignee(EVIL, EVIL, ("+8657125852654",), EVIL)
    content = replace(
        EXAMPLE, shipper=party, consignee=consignee, pickup=Pickup(EVIL, EVIL), destination=EVIL, remarks=EVIL
    )
    cargo = (replace(EXAMPLE.cargo[0], name=EVIL, unit="<i>"),)
    content = replace(
        content, cargo=cargo, vehicle=EVIL, references=(Reference(EVIL, EVIL),), charges=(Charge(EVIL, Decimal(1)),)
    )
    order = replace(view(content), customer=EVIL, problems=(Problem(Code.MISSING, EVIL, 0),))
    order = replace(order, attachments=(Attachment(EVIL, "a/b", 1, b"YQ==\r\n"),), cargo_note=EVIL)
    for letter in letters(composer, order, language).values():
        html = letter.html or ""
        assert "<script" not in html
        assert "<b>" not in html
        assert "<i>" not in html
        assert "49" not in letter.subject
        assert "\n" not in letter.subject


@pytest.mark.parametrize("language", ["zh", "en"])
def test_line_breaks_in_values_never_make_lines_of_their_own(composer: Composer, language: str) -> None:
    content = replace(EXAMPLE, remarks="易碎\r\n提货时收款：0元\u2028", pickup=Pickup("汽配城\n单号：9"))
    for name, letter in letters(composer, view(content), language).items():
        if name != "review_notice":
            assert "\n提货时收款：0元" not in letter.text
            assert "\n单号：9" not in letter.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("order", [ORDER, ASKED, view(OrderReading())], ids=["whole", "asked", "empty"])
def test_text_messages_keep_to_their_length_and_signature(composer: Composer, language: str, order: OrderView) -> None:
    for text in texts(composer, order, language).values():
        assert text.fits
        for part in text.parts:
            assert air_units(part) <= 70
            assert part.startswith(SIGNATURE)
            assert not part.removeprefix(SIGNATURE).startswith(" ")


def test_an_english_letter_has_no_chinese_of_ours(composer: Composer) -> None:
    plain = OrderReading(shipper=Party("Mr. Ke", None, ("+8613823033212",)), pickup=Pickup("19 Jiangnan Road"))
    order = replace(view(plain), customer="Ke", problems=MISSING)
    for letter in letters(composer, order, "en").values():
        said = (letter.subject + letter.text).replace("顺驰物流有限公司", "")
        assert not any("\u3000" <= character <= "\u9fff" for character in said)


def test_times_are_those_of_the_site(composer: Composer) -> None:
    assert ORDER.pickup_by.utcoffset() == timedelta(0)
    assert "3月10日15:00前提货" in composer.acknowledgement(ORDER, "zh").text
    assert "10 Mar 15:00" in composer.acknowledgement(ORDER, "en").text
