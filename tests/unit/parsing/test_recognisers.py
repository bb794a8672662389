"""Numbers, phones, measures, money and times by themselves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from ingestd.parsing import measures, money, numerals, phones, scanning, serials, times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Kind
from ingestd.parsing.text import fold

SENT_AT = datetime.fromisoformat("2026-03-10T10:02:03+08:00")  # a Tuesday


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("十五", 15), ("一百零五", 105), ("廿五", 25), ("三点五", "3.5"), ("半", "0.5"), ("三千二", 3200),
        ("一万二", 12000),
        ("二十五", 25), ("壹佰贰拾", 120), ("六百二十五", 625), ("1,250", 1250), ("2,875.5", "2875.5"), ("两半", "2.5"),
    ],
)  # fmt: skip
def test_a_numeral_has_its_value(written: str, value: int | str, definitions: Definitions) -> None:
    assert numerals.number(written, definitions) == Decimal(value)


@pytest.mark.parametrize("written", ["百", "千", "十几", "", "王"])
def test_a_word_that_only_looks_like_a_numeral_is_none(written: str, definitions: Definitions) -> None:
    assert numerals.number(written, definitions) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0755-83225577转801五金件", ["+8675583225577;ext=801"]),
        ("134216608175号电池", ["+8613421660817"]),
        ("+86 138 2609 3377,", ["+8613826093377"]),
        ("(010)6552 8817", ["+861065528817"]),
        ("021-54380099-8012", ["+862154380099;ext=8012"]),
        ("+852 2367 8841 / +852-9123-4067", ["+85223678841", "+85291234067"]),
        ("（０２８）８４３１９０２５", ["+862884319025"]),
        ("400-820-1234", ["+864008201234"]),
        ("手机:13857112233李四13900001111", ["+8613857112233", "+8613900001111"]),
        ("13012345678转4321", ["+8613012345678;ext=4321"]),
        ("0571-25852654/25852655", ["+8657125852654", "+8657125852655"]),
    ],
)
def test_a_phone_is_read_as_e164(written: str, expected: list[str], definitions: Definitions) -> None:
    found = phones.find(fold(written, definitions).folded, definitions)
    assert [i.value for i in found if i.kind is Kind.PHONE] == expected


@pytest.mark.parametrize("written", ["138677451209\n", "1586391772到付", "手机 138165520471 家里"])
def test_digits_that_cannot_be_a_phone_are_named_as_such(written: str, definitions: Definitions) -> None:
    found = list(phones.find(fold(written, definitions).folded, definitions))
    assert [i.kind for i in found] == [Kind.BAD_PHONE]


@pytest.mark.parametrize(
    ("written", "kind", "amount"),
    [
        ("300公斤", Kind.WEIGHT, 300), ("一吨八", Kind.WEIGHT, 1800), ("两吨半", Kind.WEIGHT, 2500),
        ("半吨", Kind.WEIGHT, 500), ("10T", Kind.WEIGHT, 10000), ("六百二十五斤", Kind.WEIGHT, "312.5"),
        ("1.8方", Kind.VOLUME, "1.8"), ("两立方半", Kind.VOLUME, "2.5"), ("18.75 m³", Kind.VOLUME, "18.75"),
        ("200多公斤", Kind.WEIGHT, 200), ("1立方出头", Kind.VOLUME, 1), ("十五件", Kind.COUNT, 15),
        ("1,250 套", Kind.COUNT, 1250), ("38 ctns", Kind.COUNT, 38), ("1吨2，", Kind.WEIGHT, 1200),
        ("60×40×50cm", Kind.VOLUME, "0.12"), ("长1.2米宽0.8米高1.5米", Kind.VOLUME, "1.44"),
    ],
)  # fmt: skip
def test_a_measure_has_its_amount(written: str, kind: Kind, amount: int | str, definitions: Definitions) -> None:
    (found,) = measures.find(fold(written, definitions).folded, definitions)
    assert (found.kind, found.value.amount) == (kind, Decimal(amount))


@pytest.mark.parametrize(
    "written", ["第三方检测", "千斤顶", "15栋200号", "四个装卸工", "3楼", "107国道", "6T118", "3b2056号"]
)
def test_a_figure_inside_a_word_or_an_address_is_no_measure(written: str, definitions: Definitions) -> None:
    assert list(measures.find(fold(written, definitions).folded, definitions)) == []


@pytest.mark.parametrize("written", ["6t2.2方", "6T12件", "6t118箱", "6t"])
def test_a_figure_glued_to_the_next_one_with_its_unit_is_a_measure(written: str, definitions: Definitions) -> None:
    first = next(measures.find(fold(written, definitions).folded, definitions))
    assert (first.kind, first.value.amount, first.start) == (Kind.WEIGHT, 6000, 0)


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        ("面巾等150箱+80提+45箱2095kg", [150, 80, 45, 2095]), ("糖20箱+6听+3听 88公斤", [20, 6, 3, 88]),
        ("竹帘40捆+12挂600kg", [40, 12, 600]), ("A馆1028提", []), ("12箱+3楼5号", [12]), ("纸3箱,80提", [3]),
    ],
)  # fmt: skip
def test_a_unit_that_no_list_holds_counts_in_a_sum(written: str, amounts: list[int], definitions: Definitions) -> None:
    found = measures.find(fold(written, definitions).folded, definitions)
    assert [i.value.amount for i in found] == amounts


def test_a_weight_for_each_piece_says_so(definitions: Definitions) -> None:
    for written in ("每箱12公斤", "25公斤一袋", "20kg/桶", "单台重量115公斤", "20kg each"):
        found = [i for i in measures.find(fold(written, definitions).folded, definitions) if i.kind is Kind.WEIGHT]
        assert [i.value.per is not None for i in found] == [True], written


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("运费已谈好760元", Kind.FREIGHT, 760), ("谈好收320", Kind.FREIGHT, 320), ("代收货款3500", Kind.COD, 3500),
        ("代收8600", Kind.COD, 8600), ("保价2万", Kind.DECLARED, 20000), ("现付320元", Kind.FREIGHT, 320),
    ],
)  # fmt: skip
def test_a_sum_is_known_by_its_purpose(written: str, kind: Kind, value: int, definitions: Definitions) -> None:
    found = [(i.kind, i.value) for i in money.find(fold(written, definitions).folded, definitions)]
    assert (kind, Decimal(value)) in found


@pytest.mark.parametrize(
    ("written", "name", "amount"),
    [("加送货费60,15点前", "送货费", 60), ("打木架费: 150元", "打木架费", 150), ("吊车费200我出", "吊车费", 200)],
)
def test_a_charge_has_its_name_without_the_verb(written: str, name: str, amount: int, definitions: Definitions) -> None:
    found = [i.value for i in money.find(fold(written, definitions).folded, definitions) if i.kind is Kind.CHARGE]
    assert [(f.name, f.amount) for f in found] == [(name, Decimal(amount))]


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("15点前送达", None, "2026-03-10T15:00:00+08:00"),
        ("明天上午送到", "2026-03-11T00:00:00+08:00", "2026-03-11T12:00:00+08:00"),
        ("3月12日前送到", None, "2026-03-12T23:59:59+08:00"),
        ("15号以后送", "2026-03-15T00:00:00+08:00", None),
        ("下午3点来提", "2026-03-10T15:00:00+08:00", "2026-03-10T15:00:00+08:00"),
        ("后天晚上来装车", "2026-03-12T18:00:00+08:00", "2026-03-12T23:59:59+08:00"),
        ("3月16日上午8:30-10:30", "2026-03-16T08:30:00+08:00", "2026-03-16T10:30:00+08:00"),
        ("下周三下午3点半前送到", None, "2026-03-18T15:30:00+08:00"),
        ("周五上午送到", "2026-03-13T00:00:00+08:00", "2026-03-13T12:00:00+08:00"),
    ],
)
def test_a_spoken_time_is_a_window(written: str, start: str | None, end: str | None, definitions: Definitions) -> None:
    (found,) = times.find(fold(written, definitions).folded, definitions)
    window = times.resolved(found.value, SENT_AT, found.value.purpose)
    assert window is not None
    assert [w and w.isoformat() for w in (window.start, window.end)] == [start, end]


@pytest.mark.parametrize("written", ["现在就可以来装", "罗湖笋岗仓12号门", "1.8方205国道", "月底"])
def test_what_names_no_day_or_hour_is_no_time(written: str, definitions: Definitions) -> None:
    assert list(times.find(fold(written, definitions).folded, definitions)) == []


def test_the_31st_of_february_is_no_day(definitions: Definitions) -> None:
    (found,) = times.find(fold("2月31日前送到", definitions).folded, definitions)
    assert times.resolved(found.value, SENT_AT, found.value.purpose) is None


def test_a_serial_is_a_date_with_a_sequence(definitions: Definitions) -> None:
    written = "[260310221] 和 YD26030900123, 但 261310221 和 SZX2603188 都不是 [8011]"
    found = list(serials.find(fold(written, definitions).folded, definitions))
    assert [i.value for i in found if i.kind is Kind.SERIAL] == ["260310221", "YD26030900123"]
    assert [i.value for i in found if i.kind is Kind.STAFF] == ["8011"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("电话1 8 9 9 3 2 6 1 4 0 7", "+8618993261407"),
        ("电话一三八二三零三三二一二", "+8613823033212"),
        ("电话幺三八 二三零三 三二幺二", "+8613823033212"),
        ("电话是幺三八二三零幺八不对13823033212", "+8613823033212"),
        ("电话零五七一二五八五二六五四", "+8657125852654"),
        ("0512-50178866#3026", "+8651250178866;ext=3026"),
    ],
)
def test_a_phone_is_read_digit_by_digit_and_in_words(written: str, value: str, definitions: Definitions) -> None:
    found = phones.find(fold(written, definitions).folded, definitions)
    assert [i.value for i in found if i.kind in (Kind.PHONE, Kind.BAD_PHONE)] == [value]


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("S/O No.  KLS7741902", "booking", "KLS7741902"), ("Our job no. VX-2510-088", "customer", "VX-2510-088"),
        ("Our PO is TRK-26-0447, kindly note", "customer", "TRK-26-0447"),
        ("退供单号: TH2604150031", "customer", "TH2604150031"), ("进馆预约号：XBC-0520-117", "booking", "XBC-0520-117"),
        ("当时发的是别家快运，单号 DK36098124457，请备注", "waybill", "DK36098124457"),
        ("提付/我方运单HF99120", "waybill", "HF99120"), ("单号: LRW-0719", "customer", "LRW-0719"),
        ("随货送货单编号：KZ-SH-260806-2", "customer", "KZ-SH-260806-2"),
    ],
)  # fmt: skip
def test_a_number_of_others_is_a_reference(written: str, kind: str, number: str, definitions: Definitions) -> None:
    text = fold(written, definitions)
    found = [i for i in scanning.scan(text, definitions) if i.kind in (Kind.REFERENCE, Kind.SERIAL)]
    assert [(i.value, text.shown[i.start : i.end]) for i in found] == [(kind, number)]
