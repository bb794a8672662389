"""Mails made byte by byte, as clients make them, around one order that every test knows."""

from __future__ import annotations

import base64

from ingestd.domain.reading import Intent, Reading

ORDER = (
    "发货人：吕喆\n联系方式：13605876300\n货物状况：水泵电机 28台、1.4方、700公斤\n"
    "提货地址：台州市温岭市大溪镇沈岙工业区泽丰路7号\n"
    "发往：衡阳\n收货人：欧阳镕\n联系方式：13973405500\n付费方式：提付\n"
)
HEAD: tuple[str, ...] = (
    "发货人",
    "发货电话",
    "提货地址",
    "品名",
    "件数",
    "重量KG",
    "体积",
    "目的地",
    "收货人",
    "收货电话",
    "付款方式",
)
ROW: tuple[str | float, ...] = (
    "吕喆", "13605876300", "台州市温岭市大溪镇沈岙工业区泽丰路7号", "水泵电机", 28, 700, 1.4, "衡阳", "欧阳镕",
    "13973405500", "提付",
)  # fmt: skip
SECOND: tuple[str | float, ...] = (
    "吕喆",
    "13605876300",
    ROW[2],
    "轴承",
    12,
    300,
    0.5,
    "义乌",
    "许小姐",
    "13957900466",
    "提付",
)


def mail(body: bytes, kind: str = "text/plain; charset=utf-8", coding: str = "8bit", **headers: str) -> bytes:
    """A mail of one part."""
    lines = {"From": "a@shipper.example", "To": "order@desk.example", "Date": "Tue, 10 Mar 2026 10:02:03 +0800"}
    lines |= {k.replace("_", "-"): v for k, v in headers.items()}
    head = "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    return f"{head}Content-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n".encode() + body


def part(content: bytes, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """One part of a mail of several, in base64."""
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{lines}\r\n"
    return head.encode() + base64.encodebytes(content)


def file(content: bytes, name: str, kind: str = "application/octet-stream") -> bytes:
    """One attached file."""
    return part(content, kind, Content_Disposition=f'attachment; filename="{name}"')


def several(*parts: bytes, kind: str = "mixed", **headers: str) -> bytes:
    """A mail of several parts."""
    return mail(holder(*parts), f'multipart/{kind}; boundary="=_b1"', "7bit", **headers)


def holder(*parts: bytes, boundary: str = "=_b1") -> bytes:
    """The body of a multipart."""
    sign = f"--{boundary}".encode()
    return b"".join(sign + b"\r\n" + p + b"\r\n" for p in parts) + sign + b"--\r\n"


def nested(kind: str, *parts: bytes, boundary: str = "=_b2") -> bytes:
    """A multipart as a part of another."""
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + holder(*parts, boundary=boundary)


def html(text: str) -> str:
    """A text as a client's HTML."""
    return "<html><body><div>" + "</div><div>".join(text.rstrip("\n").split("\n")) + "</div></body></html>"


def is_the_order(reading: Reading) -> bool:
    """Whether the order is read in all that matters, and nothing beside it."""
    if reading.intent is not Intent.ORDER or reading.problems or reading.review or len(reading.orders) != 1:
        return False
    (order,) = reading.orders
    (cargo,) = order.cargo
    return (
        order.shipper.name, order.shipper.phones, order.consignee.name, order.consignee.phones, order.pickup.address,
        cargo.name, *(float(v or 0) for v in (cargo.quantity, cargo.weight_kg, cargo.volume_m3)), order.destination,
        str(order.payment),
    ) == (
        "吕喆", ("+8613605876300",), "欧阳镕", ("+8613973405500",), "台州市温岭市大溪镇沈岙工业区泽丰路7号",
        "水泵电机", 28, 700, 1.4, "衡阳", "collect",
    )  # fmt: skip


def is_for_a_person(reading: Reading) -> bool:
    """Whether the reading says that the content could not be read."""
    return reading.intent is Intent.OTHER and [(p.code.value, p.field) for p in reading.problems] == [
        ("unreadable", "message")
    ]


def targets(reading: Reading) -> list[tuple[str | None, float]]:
    """Where each order goes and how many pieces it has."""
    return [(o.destination, float(sum(c.quantity or 0 for c in o.cargo))) for o in reading.orders]
