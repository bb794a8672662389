"""What messages say: the forms, the shapes of an order, changes, doubts and definitions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ingestd.cli.samples import broken_samples
from ingestd.domain.reading import Code, Intent, Reading
from ingestd.parsing.definitions import DefinitionError, Definitions, load_definitions
from tests.unit.parsing.conftest import SHIPPED

Read = Callable[[str], Reading]
SHORT = (
    "[260310221]客陈先生13751168806轴承12箱300公斤1.8方布吉货场往义乌"
    "收货许小姐0579-85321466到付。加送货费60,15点前送达。[8011]"
)


def test_every_shipped_sample_is_read_as_it_says(definitions: Definitions) -> None:
    broken = [
        f"{s.file}: {s.text[:30]!r}: {path}: {e!r} read as {v!r}" for s, path, e, v in broken_samples(definitions)
    ]
    assert broken == []
    assert len(definitions.samples) >= 50


def test_every_shipped_file_has_samples(definitions: Definitions) -> None:
    written_by_hand = set(definitions.files) - {
        "learned.toml",
        "spans.toml",
    }  # whose trial is what was not learned from
    assert written_by_hand == {s.file for s in definitions.samples}


def test_the_short_form_of_the_trade_is_read_whole(sms: Read) -> None:
    reading = sms(SHORT)
    (order,) = reading.orders
    assert (reading.intent, reading.refers_to, reading.problems, reading.review) == (
        Intent.ORDER,
        ("260310221",),
        (),
        (),
    )
    assert (order.shipper.name, order.pickup.address, order.destination) == ("陈先生", "布吉货场", "义乌")
    assert (order.consignee.name, order.consignee.phones) == ("许小姐", ("+8657985321466",))
    assert [(c.name, c.quantity, c.unit) for c in order.cargo] == [("轴承", Decimal(12), "箱")]
    assert [(c.name, c.amount) for c in order.charges] == [("送货费", Decimal(60))]
    assert order.deliver_by is not None
    assert order.deliver_by.isoformat() == "2026-03-10T15:00:00+08:00"


def test_each_value_carries_the_words_it_came_from(sms: Read) -> None:
    evidence = {e.path: e for e in sms(SHORT).evidence}
    assert evidence["orders[0].pickup.address"].words == "布吉货场"
    assert evidence["orders[0].payment"].words == "到付"
    assert all(e.rule for e in evidence.values())


def test_words_that_only_ask_for_a_choice_are_no_remark(sms: Read) -> None:
    order = sms(SHORT.replace("[8011]", "\n备注：需签回单")).orders[0]
    assert (order.receipt, order.remarks) == ("original", None)


@pytest.mark.parametrize("collected", ["现付+装卸100", "收320+装卸100", "回单付装卸费100", "到付装卸费100"])
def test_a_charge_does_not_swallow_what_stands_before_it(sms: Read, collected: str) -> None:
    (order,) = sms(f"260310221提汽配城A12栋王先生13810000000配件2件50公斤2.2方往杭州{collected}").orders
    assert [(c.name, c.amount) for c in order.charges] == [("装卸费", Decimal(100))]
    assert (order.destination, order.cargo[0].volume_m3) == ("杭州", Decimal("2.2"))


FIELDS = {
    "shipper.name": "发货人：何伟\n", "shipper.phones": "联系方式：13822770500\n",
    "pickup.address": "提货地址：中山市古镇镇工业园3楼\n",
    "cargo.name": "货物：吸顶灯\n", "cargo.quantity": "件数：48件\n", "cargo.weight_kg": "重量：620公斤\n",
    "destination": "发往：郑州\n", "consignee.name": "收货人：田经理\n", "consignee.phones": "收货电话：15938710200\n",
    "payment": "付费方式：到付\n",
}  # fmt: skip


@pytest.mark.parametrize("left_out", FIELDS)
def test_a_required_field_left_out_is_named(left_out: str, sms: Read) -> None:
    reading = sms("".join(text for field, text in FIELDS.items() if field != left_out))
    assert reading.intent is Intent.ORDER
    assert [(p.code, p.field, p.order) for p in reading.problems] == [(Code.MISSING, left_out, 0)]


@pytest.mark.parametrize("separator", ["：", ":", " : ", "=", "|", "\t", "】"])
def test_any_usual_separator_may_stand_behind_a_label(separator: str, sms: Read) -> None:
    opening = "【" if separator == "】" else ""
    text = "".join(opening + line.replace("：", separator) for line in FIELDS.values())
    reading = sms(text)
    assert (reading.intent, reading.problems) == (Intent.ORDER, ())


def test_labels_may_share_a_line_or_stand_above_their_text(sms: Read) -> None:
    assert sms("    ".join(text.strip() for text in FIELDS.values())).problems == ()
    assert sms("".join(FIELDS.values()).replace("：", "：\n")).problems == ()


def test_a_label_with_one_wrong_character_is_known(sms: Read) -> None:
    text = "".join(FIELDS.values()).replace("提货地址", "提货地扯").replace("收货人", "收获人")
    assert sms(text).problems == ()


def test_an_order_without_its_line_ends_or_punctuation_is_read_or_doubted_but_not_wrong(sms: Read) -> None:
    whole = sms("".join(FIELDS.values())).orders[0]
    for damage in ("", " ", ","):
        reading = sms("".join(FIELDS.values()).replace("\n", damage).replace("：", ""))
        if reading.intent is Intent.ORDER and not reading.problems and not reading.review:
            assert reading.orders[0] == whole


def test_two_weights_that_contradict_each_other_are_ambiguous(sms: Read) -> None:
    reading = sms("".join(FIELDS.values()) + "总重900公斤")
    assert [(p.code, p.field) for p in reading.problems] == [(Code.AMBIGUOUS, "cargo.weight_kg")]
    assert reading.orders[0].cargo[0].weight_kg is None


def test_words_left_over_that_look_like_data_are_a_reason_to_look(sms: Read) -> None:
    reading = sms("".join(FIELDS.values()) + "还有那个5521的事")
    assert "leftover_data" in reading.review


def test_one_phone_on_both_sides_is_a_reason_to_look(sms: Read) -> None:
    reading = sms("".join(FIELDS.values()).replace("15938710200", "13822770500"))
    assert "competing:phones" in reading.review


def test_a_density_that_goods_do_not_have_is_a_reason_to_look(sms: Read) -> None:
    reading = sms("".join(FIELDS.values()) + "体积：0.01方")
    assert "implausible:density" in reading.review


def test_a_change_reads_only_what_is_new(sms: Read) -> None:
    reading = sms("260310221 收货人改成 汪小兵，电话13805560700，其余不变")
    assert (reading.intent, reading.refers_to) == (Intent.AMENDMENT, ("260310221",))
    (order,) = reading.orders
    assert (order.consignee.name, order.consignee.phones) == ("汪小兵", ("+8613805560700",))
    assert (order.shipper.name, order.cargo, reading.problems) == (None, (), ())


def test_the_old_value_of_a_change_is_not_taken(sms: Read) -> None:
    reading = sms("已经运走的260612077,运费由到付改成寄付")
    assert (reading.intent, reading.orders[0].payment) == (Intent.CHANGE_LETTER, "prepaid")


def test_a_question_with_goods_and_route_is_no_order(sms: Read) -> None:
    assert sms("从佛山石湾到榆林，瓷砖26托共24吨，运费大概多少？现付到付都行").intent is Intent.INQUIRY


def test_a_bare_word_of_a_driver_accepts(sms: Read) -> None:
    reading = sms("收到")
    assert (reading.intent, reading.details.report) == (Intent.REPORT, "accepted")


def site(folder: Path, name: str, content: str) -> Definitions:
    """The shipped definitions with one file of a site before them."""
    (folder / name).write_text(content, encoding="utf-8")
    return load_definitions([folder, SHIPPED])


def test_a_site_adds_its_own_labels_with_a_file(tmp_path: Path) -> None:
    own = site(tmp_path, "acme.toml", '[[label]]\nrole = "consignee"\nslot = "party"\nwords = ["经销商"]\n')
    assert any("经销商" in label.words for label in own.labels)
    assert own.digest != load_definitions([SHIPPED]).digest


def test_a_sites_file_replaces_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    own = site(tmp_path, "serials.toml", '[words]\nserial_prefixes = ["zz"]\n')
    assert own.of("serial_prefixes") == ("zz",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[[label]]\nrole = "shipper"\nslot = "party"\nwrds = ["x"]\n', "did you mean 'words'"),
        ('[[label]]\nrole = "shipper"\nslot = "wieght"\nwords = ["x"]\n', "did you mean 'weight'"),
        ('[[label]]\nrole = "sender"\nslot = "party"\nwords = ["x"]\n', "role = 'sender'"),
        ('[[label]]\nrole = "shipper"\nslot = "party"\nwords = [" "]\n', "empty word"),
        ('[[label]]\nrole = "shipper"\nslot = "party"\nwords = ["收货人"]\n', "stands for both"),
        ('[[unit]]\nkind = "weight"\nfactor = "heavy"\nwords = ["x"]\n', "factor must be a number"),
        ('[[choice]]\nfield = "payment"\nvalue = "collct"\nphrases = ["x"]\n', "did you mean 'collect'"),
        ('[[cue]]\nintent = "order"\nweight = 1\nphrases = ["(a|b"]\n', "brackets do not match"),
        ("[[label]\n", "not readable as TOML"),
        ('labels = ["x"]\n', "did you mean 'label'"),
        ('[traditional]\nfrom = "ab"\nto = "a"\n', "'from' has 2 characters"),
    ],
)
def test_a_broken_definition_names_file_key_and_what_would_be_right(content: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as error:
        site(tmp_path, "broken.toml", content)
    assert told in str(error.value)
    assert "broken.toml" in str(error.value) or "stands for both" in told


def test_no_definitions_at_all_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="no parser definitions"):
        load_definitions([tmp_path])
