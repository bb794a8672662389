"""Distinct realistic orders in the labelled form: complete, of known shippers, in the encodings that shippers use."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tests.servers.dovecot import Mailbox

CUSTOMERS = ("顺德机电", "古镇灯饰", "华强轴承", "宏达轮胎", "远洋五金")
MOST = 10_000  # orders; behind that their phones repeat
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗镕喆"
GOODS = ("汽车配件", "轴承", "LED灯具", "五金件", "纺织面料", "塑胶制品", "水泵", "电线电缆", "服装", "包装材料")
PLACES = ("汽配城", "工业园", "货运市场", "灯饰广场", "轮胎市场", "五金城")
TOWNS = ("杭州", "义乌", "苏州", "武汉", "成都", "长沙", "南昌", "合肥")
STREETS = ("火车站东路", "人民中路", "解放大道", "建设北路", "中山西路")
PAYMENTS = ("现付", "到付", "月结", "回单付")
BODY = """\
{greeting}

发货人：{shipper}
联系方式：{phone}
货物名称：{goods}
数量：{quantity}件
重量：{weight}公斤
体积：{volume}立方
提货地址：{place}
发往：{town}
收货人：{consignee}
联系方式：{consignee_phone}
收货地址：{street}
付费方式：{payment}
{closing}
"""
GREETINGS = ("您好，请安排提货：", "你好，麻烦安排一票：", "调度您好，以下货物请安排：")
CLOSINGS = ("谢谢！", "麻烦尽快安排，谢谢", "有问题请电话联系")


@dataclass(frozen=True)
class ShippedOrder:
    """One order as a shipper wrote it, with what it is known by at the sinks."""

    message_id: str  # without angle brackets; of a text message TEXT and its words
    shipper: str  # his address, or the number he texts from
    phone: str  # his mobile, no other order's
    raw: bytes
    says: tuple[str, ...] = ()  # what a work order of it must say, and no other may


TEXT = "text "  # how the names of text messages begin


def shipper_address(customer: int) -> str:
    """The address that a customer orders from."""
    return f"cang{customer}@shipper.example"


def shipper_number(customer: int) -> str:
    """The number that a customer texts from."""
    return f"+86136000000{customer:02d}"


def distinct_orders(count: int, seed: int = 1, at: datetime | None = None) -> list[ShippedOrder]:
    """So many orders dated now or `at`, the same for the same seed, none like another."""
    written = at or datetime.now(UTC)
    return [order(number, random.Random(f"{seed}/{number}"), written) for number in range(count)]


def order(number: int, chance: random.Random, at: datetime) -> ShippedOrder:
    """The order of a number, in the encoding whose turn it is."""
    customer = number % len(CUSTOMERS)
    phone = phone_of(number, chance)
    text = wording(phone, chance)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{chance.choice(CUSTOMERS)} <{shipper_address(customer)}>"
    mail["To"] = "orders@desk.example"
    mail["Subject"] = f"发货委托 {chance.choice(GOODS)} {number}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<order-{number}-{chance.randrange(1 << 40):x}@shipper.example>"
    ENCODINGS[number % len(ENCODINGS)](mail, text)
    return ShippedOrder(mail["Message-ID"].strip("<>"), shipper_address(customer), phone, mail.as_bytes())


def phone_of(number: int, chance: random.Random) -> str:
    """The phone of the order of a number."""
    return f"138{2000_0000 + number * 37 % MOST * 100 + chance.randrange(100):08d}"


def text_order(number: int, chance: random.Random) -> ShippedOrder:
    """The order of a number as one of the shippers would text it."""
    phone = phone_of(number, chance)
    weight, quantity = chance.randint(60, 900), chance.randint(2, 90)
    words = (
        f"客{chance.choice(SURNAMES[:20])}先生{phone}{chance.choice(GOODS[:2])}{quantity}件{weight}公斤"
        f"{weight / 250:.1f}方中山古镇货场往{chance.choice(TOWNS)}"
        f"收货{chance.choice(SURNAMES[:20])}小姐139{chance.randrange(10**8):08d}到付"
    )
    return ShippedOrder(
        TEXT + words, shipper_number(number % len(CUSTOMERS)), phone, words.encode(), (f"{quantity}件",)
    )


def wording(phone: str, chance: random.Random) -> str:
    """The text of an order by the shipper with this phone."""
    weight = chance.randint(60, 2900)
    return BODY.format(
        greeting=chance.choice(GREETINGS),
        shipper=f"{chance.choice(SURNAMES)}先生",
        phone=phone,
        goods=chance.choice(GOODS),
        quantity=chance.randint(2, 90),
        weight=weight,
        volume=f"{weight / chance.randint(150, 350):.1f}",
        place=f"中山古镇{chance.choice(PLACES)}{chance.choice('ABCDE')}{chance.randint(1, 40)}栋",
        town=chance.choice(TOWNS),
        consignee=f"{chance.choice(SURNAMES)}小姐",
        consignee_phone=f"139{chance.randrange(10**8):08d}",
        street=f"{chance.choice(STREETS)}{chance.randint(1, 800)}号",
        payment=chance.choice(PAYMENTS),
        closing=chance.choice(CLOSINGS),
    )


def plain(charset: str, transfer: str) -> Callable[[EmailMessage, str], None]:
    """A text in one part."""

    def fill(mail: EmailMessage, text: str) -> None:
        mail.set_content(text, charset=charset, cte=transfer)

    return fill


def in_both_forms(mail: EmailMessage, text: str) -> None:
    """A text and the same as HTML, each in its own charset."""
    mail.set_content(text, charset="utf-8", cte="base64")
    lines = "<br>".join(text.splitlines())
    mail.add_alternative(f"<html><body><div>{lines}</div></body></html>", "html", charset="gb18030", cte="base64")


ENCODINGS: tuple[Callable[[EmailMessage, str], None], ...] = (
    plain("utf-8", "base64"),
    plain("gb18030", "base64"),
    plain("utf-8", "quoted-printable"),
    plain("gb18030", "8bit"),
    in_both_forms,
    plain("gb18030", "quoted-printable"),
)


def deliver(
    mailbox: Mailbox, orders: Iterable[ShippedOrder], folder: str = "INBOX", at: datetime | None = None
) -> None:
    """Put orders into a mailbox."""
    for order in orders:
        mailbox.deliver(order.raw, folder, at)
