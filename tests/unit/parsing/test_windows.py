"""Times in every wording: what they are for and the window they mean."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingestd.parsing import times
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.purposes import Purpose
from ingestd.parsing.text import fold

SENT_AT = datetime.fromisoformat("2026-03-10T10:02:03+08:00")  # a Tuesday
Said = tuple[str, str | None, str | None]


def said(written: str, definitions: Definitions) -> list[Said]:
    out = []
    for item in times.find(fold(written, definitions).folded, definitions):
        if item.value.purpose is not Purpose.NONE:
            window = times.resolved(item.value, SENT_AT, item.value.purpose)
            assert window is not None
            out.append((item.value.purpose.value, spelt(window.start), spelt(window.end)))
    return out


def spelt(moment: datetime | None) -> str | None:
    return moment.strftime("%m-%d %H:%M") if moment else None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # days and half-days of all regions
        ("提货 3/12 before 3pm", ("pickup", None, "03-12 15:00")),
        ("麻煩聽日下晝幫我哋去長安攞批貨", ("pickup", "03-11 12:00", "03-11 18:00")),
        ("聽朝9點嚟收", ("pickup", "03-11 09:00", "03-11 09:00")),
        ("明儿个来拉吧", ("pickup", "03-11 00:00", "03-11 23:59")),
        ("今儿后晌来拉", ("pickup", "03-10 12:00", "03-10 18:00")),
        ("请于明天9:00—11:00到场装货", ("pickup", "03-11 09:00", "03-11 11:00")),
        ("明天下午6点前取走", ("pickup", None, "03-11 18:00")),
        ("提货：N2馆卸货门，3月15日17:00到20:00之间", ("pickup", "03-15 17:00", "03-15 20:00")),
        ("晌午前来拉", ("pickup", None, "03-10 12:00")),
        ("下礼拜三前送到", ("delivery", None, "03-18 23:59")),
        ("下下周一送到", ("delivery", "03-23 00:00", "03-23 23:59")),
        # dates with their weekday beside, in points, without a month
        ("最晚 9/22（一）下午3點前入倉", ("delivery", None, "09-22 15:00")),
        ("下周一（30号）17:00前送到仓", ("delivery", None, "03-30 17:00")),
        ("后天（星期六）上午10点来提", ("pickup", "03-12 10:00", "03-12 10:00")),
        ("3.15下午3点前送到", ("delivery", None, "03-15 15:00")),
        ("Ready for pick-up: 14.07.2026 10:00 - 12:00 (local time)", ("pickup", "07-14 10:00", "07-14 12:00")),
        ("大后天（13号）下午派车来装", ("pickup", "03-13 12:00", "03-13 18:00")),
        ("后天 9 点半以后来提", ("pickup", "03-12 09:30", None)),
        ("3 月 16 日下班（18:00）前送到", ("delivery", None, "03-16 18:00")),
        ("不迟于3月14日卸完", ("delivery", None, "03-14 23:59")),
        ("展馆3 月 14 号以后才收货", ("delivery", "03-14 00:00", None)),
        ("Collect this afternoon please", ("pickup", "03-10 12:00", "03-10 18:00")),
        ("明天16点后到苏州市吴江区盛泽镇西二环路18号卸货区来拉", ("pickup", "03-11 16:00", None)),
        ("后天上午到广州市白云区太和镇龙河西路5号收货：灯具", ("pickup", "03-12 00:00", "03-12 12:00")),
        ("请明天15点前到武汉市汉阳区黄金口工业园送到", ("delivery", None, "03-11 15:00")),
        ("装货3月13日，早晚都行", ("pickup", "03-13 00:00", "03-13 23:59")),
        # ranges
        ("明天上午9-11点来提货", ("pickup", "03-11 09:00", "03-11 11:00")),
        ("周三下午2~4点上门提货", ("pickup", "03-11 14:00", "03-11 16:00")),
        ("后天九到十一点来提货", ("pickup", "03-12 09:00", "03-12 11:00")),
        ("明天14至16时装车", ("pickup", "03-11 14:00", "03-11 16:00")),
        ("三月十三号到十五号之间来拉", ("pickup", "03-13 00:00", "03-15 23:59")),
        ("20号-22号之间送", ("delivery", "03-20 00:00", "03-22 23:59")),
        ("8月12日至14日送到", ("delivery", "08-12 00:00", "08-14 23:59")),
        ("周三周四都可以提", ("pickup", "03-11 00:00", "03-12 23:59")),
        ("早上8点到下午5点都可以来提", ("pickup", "03-10 08:00", "03-10 17:00")),
        ("请于明日14:00~16:00来厂取货", ("pickup", "03-11 14:00", "03-11 16:00")),
        # not before
        ("3点前别来提，没人", ("pickup", "03-10 15:00", None)),
        ("貨要19:00後先可以攞", ("pickup", "03-10 19:00", None)),
        ("deliver not earlier than Thursday", ("delivery", "03-12 00:00", None)),
        # English
        ("tomorrow before noon please pick up", ("pickup", None, "03-11 12:00")),
        ("please pick up by noon tomorrow", ("pickup", None, "03-11 12:00")),
        ("pick up tomorrow at 2pm", ("pickup", "03-11 14:00", "03-11 14:00")),
        ("pickup tomorrow between 2 and 4 pm", ("pickup", "03-11 14:00", "03-11 16:00")),
        ("please collect on Friday, any time", ("pickup", "03-13 00:00", "03-13 23:59")),
        ("deliver on or before 20 March", ("delivery", None, "03-20 23:59")),
        ("pls pick up tmr 10am", ("pickup", "03-11 10:00", "03-11 10:00")),
        ("please collect on Fri 2pm", ("pickup", "03-13 14:00", "03-13 14:00")),
        ("must arrive by Mon noon", ("delivery", None, "03-16 12:00")),
        ("no later than 20th March 6pm deliver", ("delivery", None, "03-20 18:00")),
    ],
)
def test_a_time_has_its_purpose_and_window(written: str, expected: Said, definitions: Definitions) -> None:
    assert said(written, definitions) == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("明早9点前来拉，9点后厂门口修路进不来", [("pickup", None, "03-11 09:00")]),
        ("取货在平山村121栋802，没有电梯。时间14号（星期六）上午都可以", [("pickup", "03-14 00:00", "03-14 12:00")]),
        ("麻烦上门取件。后天下午都有人", [("pickup", "03-12 12:00", "03-12 18:00")]),
        ("please collect from our warehouse. Thursday 12 Mar is fine", [("pickup", "03-12 00:00", "03-12 23:59")]),
        ("12号上午来收就行 我11号不在", [("pickup", "03-12 00:00", "03-12 12:00")]),
        ("8月31日前送到就行，9月1号开学要摆出来", [("delivery", None, "08-31 23:59")]),
        ("客户3月20号开业，18号前务必送到", [("delivery", None, "03-18 23:59")]),
        (
            "collect on Thursday 12 Mar only, they load a container on Friday",
            [("pickup", "03-12 00:00", "03-12 23:59")],
        ),
        ("明天20点来提，后天6点前送到", [("pickup", "03-11 20:00", "03-11 20:00"), ("delivery", None, "03-12 06:00")]),
        ("明天8点来提，后天6点前送到", [("pickup", "03-11 08:00", "03-11 08:00"), ("delivery", None, "03-12 18:00")]),
        ("展会明天撤馆 货要拉回去 馆方说明天16点以后才放货车", [("pickup", "03-11 16:00", None)]),
        (
            "Delivery not before 13 October 2026, 09:00 and at the latest 14 October 2026, 17:00.",
            [("delivery", "10-13 09:00", None), ("delivery", None, "10-14 17:00")],
        ),
        (
            "请务必5月20日以后再送，最晚5月21日16:00前送到馆",
            [("delivery", "05-20 00:00", None), ("delivery", None, "05-21 16:00")],
        ),
    ],
)
def test_times_beside_each_other_keep_their_own_verbs(
    written: str, expected: list[Said], definitions: Definitions
) -> None:
    assert said(written, definitions) == expected


@pytest.mark.parametrize("written", ["月底前送到", "周末送到", "三天内送到", "尽快提", "1.8方3件", "路20号前门"])
def test_what_has_no_clear_day_means_no_window(written: str, definitions: Definitions) -> None:
    assert said(written, definitions) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3月12日8点以后送，11点前送达", [("delivery", "03-12 08:00", None), ("delivery", None, "03-12 11:00")]),
        ("麻烦晚上来装，白天有人占着。就12号晚上", [("pickup", "03-12 18:00", "03-12 23:59")]),
        ("年会周五开，礼品周四中午前送到", [("delivery", None, "03-12 12:00")]),
        ("今天有女装20包，一共300公斤", []),
    ],
)
def test_times_beside_one_another_share_their_day_and_their_wish(
    written: str, expected: list[Said], definitions: Definitions
) -> None:
    assert said(written, definitions) == expected


@pytest.mark.parametrize("title", ["滇池轴承 3月12日出货通知", "装货清单（3月12日，经办康桂芳）"])
def test_the_day_of_a_paper_opens_no_window(title: str, definitions: Definitions) -> None:
    assert said(title, definitions) == []
