"""What the tables of the configuration are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from ingestd.domain.address import canonical


def as_compared(value: object) -> object:
    """An address in the form in which addresses are compared."""
    return canonical(value) if isinstance(value, str) else value


def as_span(value: object) -> object:
    """A number as seconds."""
    return timedelta(seconds=value) if isinstance(value, int | float) else value


Seconds = Annotated[
    timedelta, BeforeValidator(as_span), PlainSerializer(lambda v: v.total_seconds()), Field(ge=timedelta(0))
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$"), BeforeValidator(as_compared)]
Phone = Annotated[str, Field(pattern=r"^\+[0-9]{5,15}$")]


class Section(BaseModel):
    """A table of the configuration; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
