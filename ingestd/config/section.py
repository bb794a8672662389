"""What the tables of the configuration are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


def as_span(value: object) -> object:
    """A number as seconds."""
    return timedelta(seconds=value) if isinstance(value, int | float) else value


Seconds = Annotated[
    timedelta, BeforeValidator(as_span), PlainSerializer(lambda v: v.total_seconds()), Field(ge=timedelta(0))
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Address = Annotated[
    str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$"), BeforeValidator(lambda v: v.lower() if isinstance(v, str) else v)
]
Phone = Annotated[str, Field(pattern=r"^\+[0-9]{5,15}$")]


class Section(BaseModel):
    """A table of the configuration; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
