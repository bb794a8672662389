"""What one order costs, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One step of the way of an order."""

    name: str
    micros: float  # of processor time an order
    where: str  # main or worker
    remark: str = ""
