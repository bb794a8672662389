"""A letter's content before it has an address."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.composing.figures import clean
from ingestd.domain.reading import Attachment


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content before it has an address."""

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


def split_subject(rendered: str) -> tuple[str, str]:
    """The first line of a mail's text template is its subject; a blank line follows."""
    subject, _, text = rendered.lstrip().partition("\n")
    return clean(subject), text.strip("\n") + "\n"
