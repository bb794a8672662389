"""An alarm: trouble of the system itself that a person is told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """One open trouble of one part; `detail` holds no body, phone or secret."""

    alarm_id: int  # 0 where it could not be written down
    part: str
    kind: str
    detail: str
    opened_at: datetime

    @property
    def cause(self) -> str:
        """What its messages are told apart by."""
        name = str(self.alarm_id) if self.alarm_id else f"{self.part}/{self.kind}/{self.opened_at.isoformat()}"
        return f"alarm:{name}"
