"""The letters of an order's life: what each says, how long its text messages are, and what breaks loudly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press, letter_for, text_for
from ingestd.composing.shipper_facts import Told
from ingestd.composing.wording import BrokenTemplateError
from ingestd.config.settings import Site, WorkOrderSms
from ingestd.domain.keys import Keys
from ingestd.domain.order import OrderState
from ingestd.domain.reading import (
    CargoLine,
    Channel,
    Consignee,
    Delivery,
    Details,
    Envelope,
    OrderReading,
    Payment,
    Pickup,
)
from ingestd.domain.sending import Purpose
from tests.unit.composing.conftest import SITE
from tests.unit.composing.life import (
    ALL,
    BEFORE,
    CHANGED,
    COLLECT,
    HOSTILE,
    LONG,
    ORDER,
    chase,
    escalation,
    several,
    wanted,
    with_names,
)  # fmt: skip
from tests.unit.composing.orders import EXAMPLE, NOON, TEMPLATES, view
from tests.unit.composing.sms_check import SIGNATURE, air_units

LATE = NOON + timedelta(hours=5, minutes=30)
NOTICES = ("released", "urged", "depot_asked", "changed", "stop", "receipt", "reassigned")
PROGRESS = (
    "assigned", "picked_up", "departed", "arrived", "out_for_delivery", "delivered", "cancelled", "too_late",
)  # fmt: skip
every_language = pytest.mark.parametrize("language", ["zh", "en"])


def parts(composer: Composer, one: object) -> tuple[str, ...]:
    """The parts of a text message without their signatures."""
    texts = text_for(composer, one, LATE).parts  # type: ignore[arg-type]
    return tuple(part.removeprefix(SIGNATURE) for part in texts)


# Changes.


def test_a_change_by_mail_is_the_whole_work_order_with_old_and_new_values(composer: Composer) -> None:
    letter = letter_for(composer, wanted(Purpose.WORK_ORDER, order=CHANGED), LATE)
    assert letter.subject.startswith("【改单】业务单 260310221（第2版）")
    assert "· 件数：20件 → 15件\n· 收货电话：13905791234 → 0571-25852654\n" in letter.text
    for text in (letter.text, letter.html or ""):
        for said in ("20件", "13905791234", "汽配城A12栋", "杭州市江干区火车站东路3号", "工号 8011", "共420元"):
            assert said in text
    assert "重量：" not in letter.text


def test_a_change_by_text_message_stands_alone(composer: Composer) -> None:
    assert parts(composer, wanted(Purpose.WORK_ORDER, order=CHANGED)) == (
        "改单260310221 件数20件改为15件；收货电话13905791234改为0571-25852654；",
        "改单260310221 提货收运费320+装卸费100；其余不变。工8011",
    )
    phone = replace(CHANGED, before=replace(EXAMPLE, consignee=BEFORE.consignee))
    assert parts(composer, wanted(Purpose.WORK_ORDER, order=phone)) == (
        "改单260310221 收货电话13905791234改为0571-25852654；其余不变。工8011",
    )


def test_the_shipper_is_told_what_was_changed_and_then_the_whole(composer: Composer) -> None:
    letter = letter_for(composer, wanted(Purpose.ACKNOWLEDGEMENT, order=CHANGED), LATE)
    assert letter.subject.startswith("已改单：业务单 260310221")
    assert letter.text.index("20件 → 15件") < letter.text.index("单号：260310221") < letter.text.index("备注：易碎")
    assert "".join(parts(composer, wanted(Purpose.ACKNOWLEDGEMENT, order=CHANGED))).startswith(
        "260310221已改单：件数20件改为15件；收货电话13905791234改为0571-25852654；"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"cod": Decimal(3500)}, {}, "取消代收货款3500元；"),
        ({}, {"hold": True}, "新增放货要求等通知放货；"),
        ({}, {"pickup": Pickup("8号仓库")}, "提货地址汽配城A12栋改为8号仓库；"),
        ({"payment": Payment.COLLECT}, {}, "付费方式到付改为现付；"),
        ({"charges": ()}, {}, "新增装卸费100元；"),
        ({"deliver_by": NOON}, {"deliver_by": LATE}, "送达时间3月10日12:00前改为3月10日17:30前；"),
        ({"cargo": (CargoLine("轴承6205", Decimal(2)),)}, {}, "货名轴承6205改为配件；件数2件改为15件；"),
        ({"consignee": Consignee("A8")}, {"consignee": Consignee("B9")}, "收货人A8改为B9；"),
    ],
)
def test_each_value_is_told_with_the_old_one(
    composer: Composer, old: dict[str, object], new: dict[str, object], said: str
) -> None:
    content = replace(EXAMPLE, **new)  # type: ignore[arg-type]
    order = replace(view(content), before=replace(content, **old) if old else EXAMPLE)  # type: ignore[arg-type]
    assert f"改单260310221 {said}" in "".join(parts(composer, wanted(Purpose.WORK_ORDER, order=order)))


def test_goods_of_several_kinds_are_told_line_by_line(composer: Composer) -> None:
    bearing, pump, seal = (
        CargoLine("轴承6205", Decimal(10)),
        CargoLine("水泵", Decimal(3)),
        CargoLine("油封", Decimal(2)),
    )
    before = replace(EXAMPLE, cargo=(bearing, pump))
    order = replace(view(replace(EXAMPLE, cargo=(replace(bearing, quantity=Decimal(12)), pump, seal))), before=before)
    text = "".join(parts(composer, wanted(Purpose.WORK_ORDER, order=order)))
    assert "轴承6205 10件改为12件；" in text
    assert "新增货物油封2件；" in text
    assert "水泵" not in text


def test_a_revision_that_reads_the_same_says_so(composer: Composer) -> None:
    same = replace(CHANGED, before=EXAMPLE)
    assert parts(composer, wanted(Purpose.WORK_ORDER, order=same)) == (
        "改单260310221 单上各项不变，补充见邮件。工8011",
    )
    assert "没有改动" in letter_for(composer, wanted(Purpose.WORK_ORDER, order=same), LATE).text


def test_each_part_of_a_text_message_is_a_sending_of_its_own(composer: Composer) -> None:
    order = with_names("深圳宝安区" * 6)
    press = Press(composer, Keys(b"k" * 32), SITE)
    for purpose in (Purpose.WORK_ORDER, Purpose.CANCELLATION):
        one = replace(wanted(purpose, order=order), channel=Channel.SMS)
        drafts = list(press.drafts(one, Envelope(), NOON))
        assert len(drafts) > 1
        assert len({(d.purpose, d.cause) for d in drafts}) == len({d.key for d in drafts}) == len(drafts)
    changed = list(
        press.drafts(replace(wanted(Purpose.WORK_ORDER, order=order), channel=Channel.SMS), Envelope(), NOON)
    )
    named = [(d.purpose, d.cause) for d in changed[:3]]
    rest = Purpose.WORK_ORDER_REST
    assert named == [(Purpose.WORK_ORDER, "message:1"), (rest, "message:1"), (rest, "message:1#3")]
    assert [d.deadline for d in changed] == sorted({d.deadline for d in changed})


# Cancellations, notices, questions to staff.


def test_a_cancellation_says_not_to_go_and_which_goods(composer: Composer) -> None:
    letter = letter_for(composer, wanted(Purpose.CANCELLATION), LATE)
    assert letter.subject == "【撤单】业务单 260310221：汽配城A12栋，配件15件 200kg 2.2方，请勿提货"
    for text in (letter.text, letter.html or ""):
        for said in ("请勿提货", "汽配城A12栋", "王先生", "13823033212", "回复“收到”", "0571-88886666"):
            assert said in text
    assert parts(composer, wanted(Purpose.CANCELLATION)) == (
        "撤单260310221，请勿提货：汽配城A12栋 王先生。配件15件往杭州。回复收到；已装车请电0571-88886666。",
    )


@pytest.mark.parametrize(
    ("word", "subject", "said"),
    [
        (
            "released",
            "放货通知",
            ("马上联系收货人", "0571-25852654", "到付运费 320元 + 装卸费 100元 + 代收货款"),
        ),
        ("urged", "客户催货", ("马上回复", "3月12日12:00")),
        ("depot_asked", "到货预告", ("约好送货或自提时间", "马先生")),
        ("stop", "暂停放行", ("先扣住", "不要发车")),
        ("receipt", "请寄回单", ("签收单寄回",)),
        ("reassigned", "改派", ("不用去提货", "汽配城A12栋")),
    ],
)
def test_a_notice_says_what_to_do(composer: Composer, word: str, subject: str, said: tuple[str, ...]) -> None:
    letter = letter_for(composer, wanted(Purpose.NOTICE, order=COLLECT, happening=word), LATE)
    assert letter.subject.startswith(f"{subject}：业务单 260310221")
    for words in said:
        assert words in letter.text
    assert parts(composer, wanted(Purpose.NOTICE, order=COLLECT, happening=word))[0].startswith(f"260310221{subject}：")


def test_a_notice_of_a_change_after_the_pickup_has_old_and_new_values(composer: Composer) -> None:
    letter = letter_for(composer, wanted(Purpose.NOTICE, order=CHANGED, happening="changed"), LATE)
    assert "· 件数：20件 → 15件" in letter.text
    assert "件数20件改为15件；" in "".join(parts(composer, wanted(Purpose.NOTICE, order=CHANGED, happening="changed")))


@pytest.mark.parametrize("purpose", [Purpose.NOTICE, Purpose.PROGRESS])
def test_an_unknown_word_is_named_with_those_that_there_are(composer: Composer, purpose: Purpose) -> None:
    with pytest.raises(BrokenTemplateError, match=rf"labels.zh.toml: there is no \[{purpose}.relesed\]; there are"):
        letter_for(composer, wanted(purpose, happening="relesed"), LATE)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[notice.stop]", "[notice.halt]", "notice.stop.*another language|notice.halt.*another language"),
        ('sms_shows = ["brief", "consignee_short"]', 'sms_shows = ["breif"]', "no row 'breif'"),
    ],
)
def test_a_sites_own_notices_are_tried_at_the_start(tmp_path: Path, old: str, new: str, reason: str) -> None:
    ours = (TEMPLATES / "labels.zh.toml").read_text("utf-8")
    assert old in ours
    (tmp_path / "labels.zh.toml").write_text(ours.replace(old, new), "utf-8")
    with pytest.raises(BrokenTemplateError, match=reason):
        Composer([tmp_path, TEMPLATES], Site(), WorkOrderSms())


def test_staff_are_asked_which_order_a_report_is_about(composer: Composer) -> None:
    one = several(Purpose.WHICH_ORDER, "zh")
    letter = letter_for(composer, one, LATE)
    for serial in ("260310221", "260310222", "260310223"):
        assert serial in letter.text
        assert sum(f"{serial}汽配城A12栋，配件15件往杭州；" in part for part in parts(composer, one)) == 1
    assert "请回复单号加“已提”" in letter.text
    delivered = replace(one, details=Details(report="delivered"))
    assert "单号+已签收" in parts(composer, delivered)[0]


# To shipper and consignee.


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("assigned", "260310221 提货的车已安排好。司机张师傅 13912345678，车牌粤B12345。司机会提前联系您，请备好货。"),
        ("picked_up", "260310221 您的货已提走。实际14件（原报15件），最晚送达3月12日12:00。电话0571-88886666"),
        ("arrived", "260310221 货物已到站。马上安排送货。电话0571-88886666"),
        ("delivered", "260310221 货物已签收。签收人许小姐，时间3月10日12:00。谢谢惠顾。电话0571-88886666"),
        ("cancelled", "260310221 已按您的要求取消，不再提货。以后有货随时联系我们。电话0571-88886666"),
        ("too_late", "260310221 收到您的要求时，货已提走。客服会马上打电话与您商量怎么办。电话0571-88886666"),
    ],
)
def test_progress_is_told_in_a_few_words(composer: Composer, word: str, said: str) -> None:
    assert parts(composer, wanted(Purpose.PROGRESS, happening=word))[0] == said
    letter = letter_for(composer, wanted(Purpose.PROGRESS, happening=word), LATE)
    assert letter.subject.startswith("业务单 260310221 ")
    assert "0571-88886666" in letter.text


def test_held_goods_wait_for_the_shippers_word(composer: Composer) -> None:
    text = letter_for(composer, wanted(Purpose.PROGRESS, order=COLLECT, happening="arrived"), LATE).text
    assert "货物已到站，等您通知放货" in text
    assert "“260310221可以放货”" in text


def test_a_status_note_tells_the_states_of_all_orders(composer: Composer) -> None:
    text = letter_for(composer, several(Purpose.PROGRESS, "zh", "daily"), LATE).text
    assert "260310221（配件15件往杭州）：司机已接单，即将提货，最晚3月12日12:00送达" in text
    assert "260310222（配件15件往杭州）：已到站，等您通知放货" in text


@every_language
@pytest.mark.parametrize("state", list(OrderState))
def test_every_state_is_told_in_words(composer: Composer, language: str, state: OrderState) -> None:
    told = composer.wordings[language]["state"][state]
    assert told in composer.answer(Told(ORDER, state), language).text


def test_a_status_tells_the_driver_until_the_goods_are_on_the_way(composer: Composer) -> None:
    assert "司机：张师傅 13912345678\n车牌：粤B12345\n最晚提货" in composer.answer(Told(ORDER, "taken"), "zh").text
    on_the_way = composer.answer(Told(ORDER, "in_transit"), "zh").text
    assert "张师傅" not in on_the_way
    assert "最晚提货" not in on_the_way
    assert "最晚送达：3月12日12:00" in on_the_way


def test_the_consignee_is_told_what_comes_when_and_what_it_costs_him(composer: Composer) -> None:
    letter = letter_for(composer, wanted(Purpose.ANNOUNCEMENT, order=COLLECT), LATE)
    for said in (
        "王先生发给您的货物（配件15件）预计3月11日12:00送到",
        "共3920元",
        "张师傅 13912345678",
        "0571-88886666",
    ):
        assert said in letter.text
    assert "请备好到付运费 320元 + 装卸费 100元 + 代收货款 3500元，共3920元。" in "".join(
        parts(composer, wanted(Purpose.ANNOUNCEMENT, order=COLLECT))
    )


@every_language
def test_a_consignee_is_told_no_price_that_is_not_his(composer: Composer, language: str) -> None:
    one = wanted(Purpose.ANNOUNCEMENT, language)
    letter = letter_for(composer, one, LATE)
    for text in (letter.text, letter.html or "", *parts(composer, one)):
        assert "320" not in text.replace("13823033212", "")
        assert "420" not in text


@pytest.mark.parametrize(
    ("happening", "changes", "said"),
    [
        ("", {"deliver_by": None}, "即将送到"),
        ("out_for_delivery", {}, "今天送到"),
        ("", {}, "预计3月12日12:00前送到"),
    ],
)
def test_a_time_that_is_not_known_is_not_made_up(
    composer: Composer, happening: str, changes: dict[str, None], said: str
) -> None:
    order = replace(ORDER, **changes)  # type: ignore[arg-type]
    one = replace(wanted(Purpose.ANNOUNCEMENT, order=order, happening=happening), details=None)
    assert said in letter_for(composer, one, LATE).text


def test_who_collects_himself_is_told_to_come(composer: Composer) -> None:
    order = replace(ORDER, content=replace(EXAMPLE, delivery=Delivery.SELF_COLLECT))
    text = letter_for(composer, wanted(Purpose.ANNOUNCEMENT, order=order), LATE).text
    assert "请您到站自提" in text
    assert "送到" not in text


# Chases.


def test_a_chase_lists_all_open_orders_with_what_is_asked_of_each(composer: Composer) -> None:
    other = replace(ORDER, serial="260310222", content=replace(EXAMPLE, pickup=Pickup("布吉货场")))
    asks = (("pickup_asked", "pickup_overdue"), ("not_accepted", "vehicle_asked"))
    letter = letter_for(composer, chase("zh", ORDER, other, asks=asks), LATE)
    assert letter.subject == "催办：2 单请回复（260310221、260310222）"
    for text in (letter.text, letter.html or ""):
        for said in (
            "李调度", "已超过提货时限2小时30分钟，货提了没有？", "请回复“收到”。车安排了吗？请报车牌、司机。",
            "汽配城A12栋", "布吉货场", "配件15件 200kg 2.2方",
        ):  # fmt: skip
            assert said in text
        assert text.count("货提了没有？") == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("not_accepted", "请回复收到；"),
        ("vehicle_asked", "请报车牌司机；"),
        ("pickup_asked", "提了没有？；"),
        ("pickup_overdue", "提了没有？已超2小时30分钟；"),
        ("depot_asked", "约在几点？；"),
        ("delivery_overdue", "签收没有？已超1小时；"),
        ("receipt_asked", "回单寄了没有？；"),
        ("a site's own", "到哪一步了？；"),
    ],
)
def test_each_follow_up_has_its_question(composer: Composer, name: str, said: str) -> None:
    order = replace(ORDER, deliver_by=LATE - timedelta(hours=1))
    assert said.rstrip("；") in parts(composer, chase("zh", order, asks=((name,),)))[0]


def test_a_chase_of_a_delivery_names_the_consignee(composer: Composer) -> None:
    order = replace(ORDER, deliver_by=LATE - timedelta(hours=2))
    text = letter_for(composer, chase("zh", order, asks=(("delivery_overdue",),)), LATE).text
    assert "已超过配送时效2小时" in text
    assert "收货：杭州市江干区火车站东路3号　马先生 0571-25852654" in text
    assert "最晚送达：3月10日15:30" in text


def test_where_nobody_says_what_is_asked_the_deadlines_tell(composer: Composer) -> None:
    fresh = replace(ORDER, deliver_by=None)
    assert "货提了没有？" in letter_for(composer, chase("zh", fresh), LATE).text
    assert "签收了没有？" in letter_for(composer, chase("zh", ORDER), LATE).text


def test_more_orders_than_fit_are_counted(composer: Composer) -> None:
    orders = [replace(ORDER, deliver_by=None, serial=f"2603102{n}") for n in range(10, 40)]
    texts = parts(composer, chase("zh", *orders))
    assert len(texts) <= 4
    shown = sum(order.serial in "".join(texts) for order in orders)
    assert 3 < shown < 30
    assert f"另有{30 - shown}单。" in "".join(texts)
    assert all(order.serial in letter_for(composer, chase("zh", *orders), LATE).text for order in orders)


def test_an_escalation_says_how_late_and_what_was_tried(composer: Composer) -> None:
    late = replace(ORDER, deliver_by=None)
    text = letter_for(composer, escalation("zh", late), LATE).text
    assert "已超过提货时限2小时30分钟" in text
    assert "已做：12:00催李调度（提货）；12:35电话李调度，未接" in text
    assert parts(composer, escalation("zh", late)) == (
        "260310221汽配城A12栋，已超过提货时限2小时30分钟，12:35电话李调度，未接；请速处理。",
    )


def test_an_escalation_of_another_day_has_the_day_of_what_was_tried(composer: Composer) -> None:
    text = letter_for(composer, escalation("zh", ORDER), LATE + timedelta(days=1)).text
    assert "3月10日12:00催李调度" in text


# All of them.


@every_language
@pytest.mark.parametrize("name", ALL)
def test_text_messages_keep_to_their_length_and_signature(composer: Composer, name: str, language: str) -> None:
    for part in text_for(composer, ALL[name](language), LATE).parts:
        assert air_units(part) <= 70
        assert part.startswith(SIGNATURE)
        assert not part.removeprefix(SIGNATURE).startswith((" ", "，", "；", "。", ",", ";"))


@every_language
@pytest.mark.parametrize("name", [HOSTILE, LONG, "𠮷𡃁" * 40, "8"], ids=["hostile", "long", "rare", "figure"])
def test_no_value_breaks_a_letter(composer: Composer, language: str, name: str) -> None:
    order = with_names(name)
    for make in ALL.values():
        plain = make(language)
        one = replace(plain, order=order if plain.order else None, orders=(order,) * len(plain.orders), name=name)
        letter, text = letter_for(composer, one, LATE), text_for(composer, one, LATE)
        assert "\n" not in letter.subject
        assert "\n单号：9" not in letter.text
        assert "<b>王" not in (letter.html or "")
        assert "\u202e" not in letter.text + (letter.html or "") + "".join(text.parts)
        for part in text.parts:
            assert air_units(part) <= 70
            assert part.count("【") == part.count("】") == 1


@every_language
@pytest.mark.parametrize(("purpose", "words"), [(Purpose.NOTICE, NOTICES), (Purpose.PROGRESS, PROGRESS)])
def test_an_order_that_says_little_makes_a_letter_all_the_same(
    composer: Composer, language: str, purpose: Purpose, words: tuple[str, ...]
) -> None:
    for word in words:
        one = replace(wanted(purpose, language, view(OrderReading()), word), details=None)
        letter = letter_for(composer, one, LATE)
        assert "None" not in letter.text
        assert text_for(composer, one, LATE).fits


@pytest.mark.parametrize("name", ALL)
def test_an_english_letter_has_no_chinese_of_ours(composer: Composer, name: str) -> None:
    plain = with_names("Ke")
    plain = replace(plain, before=replace(plain.content, destination="Hu"), agent="1", customer="", area="")
    content = replace(plain.content, charges=())
    one = ALL[name]("en")
    order = replace(plain, content=content, state=OrderState.TAKEN)
    one = replace(one, order=order if one.order else None, orders=(order,) * len(one.orders), name="Li", tried=())
    one = replace(one, details=None)
    letter = letter_for(composer, one, LATE)
    said = "".join((letter.subject, letter.text, *parts(composer, one))).replace("顺驰物流有限公司", "")
    assert not any("\u3000" <= character <= "\u9fff" for character in said)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        ("arrived", "到站后再告诉您。"),
        ("out_for_delivery", "派送时再告诉您。"),
        ("delivered", "签收后再告诉您。"),
        ("", None),
    ],
)
def test_the_shipper_is_promised_only_what_he_will_be_told(composer: Composer, ahead: str, said: str | None) -> None:
    letter = letter_for(composer, replace(wanted(Purpose.PROGRESS, happening="picked_up"), told_next=ahead), LATE)
    assert (said in letter.text) if said else ("再告诉您" not in letter.text)


def test_a_chase_for_acceptance_asks_for_one_word(composer: Composer) -> None:
    chase = wanted(Purpose.CHASE)
    alone = replace(chase, asks=tuple(("not_accepted",) for _ in chase.orders))
    assert all("+已提" not in part for part in parts(composer, alone))


def test_a_text_message_asks_about_what_is_due_and_names_what_else_is_open(composer: Composer) -> None:
    others = [replace(ORDER, serial=serial) for serial in ("260310222", "260310223", "260309222")]
    asked = replace(chase("zh", ORDER, *others, asks=(("pickup_asked",),) * 4), due=1)
    assert parts(composer, asked) == ("260310221汽配城A12栋，提了没有？还有260310222、223、260309222没报提货。",)
    everything = replace(asked, due=4)
    assert "还有" not in "".join(parts(composer, everything))
