"""Raw mails as the programs of shippers write them: their charsets, encodings, tables, attachments and quoting."""

from __future__ import annotations

import html
import quopri
from base64 import encodebytes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.utils import format_datetime, parseaddr
from pathlib import Path
from uuid import uuid4

from scripts.demonstration.script import MailScript

WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=None)
NOTE = Path(__file__).parent / "entry-note.pdf"
ATTRIBUTION = "\n\n在 {date:%Y-%m-%d %H:%M:%S}，{name} <{address}> 写道：\n"
REPLY = "回复：{subject}"
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": encodebytes,
    "quoted-printable": quopri.encodestring,
    "8bit": bytes,
}


@dataclass(frozen=True, slots=True)
class Received:
    """A letter of ours as its reader sees it."""

    message_id: str  # with its angle brackets
    subject: str
    sender: tuple[str, str]  # name, address
    text: str


def received(raw: bytes) -> Received:
    """What somebody who got this mail has before him."""
    mail = message_from_bytes(raw, policy=policy.default)
    plain = mail.get_body(("plain",))
    text = plain.get_content() if plain else ""
    return Received(mail["Message-ID"], mail["Subject"], parseaddr(mail["From"]), text)


def mail_bytes(script: MailScript, to: str, at: datetime, answered: Received | None = None) -> bytes:
    """The mail as it goes over the wire, written at this moment; a reply quotes what it answers."""
    text = script.text.strip("\n") + "\n"
    if answered:
        name, address = answered.sender
        quoted = "".join(f"> {line}\n" for line in answered.text.splitlines())
        text += ATTRIBUTION.format(date=at, name=name, address=address) + quoted
    mail = content(script, text)
    subject = script.subject or (REPLY.format(subject=answered.subject) if answered else "")
    for name, value in headers(script, subject, at, answered).items():
        mail[name] = value
    mail["To"] = to
    return mail.as_bytes(policy=WIRE)


def headers(script: MailScript, subject: str, at: datetime, answered: Received | None) -> dict[str, str]:
    """The header fields beside the recipient and those of the content."""
    name, address = parseaddr(script.from_)
    fields = {
        "From": f"{Header(name, script.charset).encode()} <{address}>",
        "Subject": Header(subject, script.charset, maxlinelen=70).encode(),
        "Date": format_datetime(at),
        "Message-ID": f"<{uuid4().hex}@{address.partition('@')[2]}>",
    }
    if script.mailer:
        fields["X-Mailer"] = script.mailer if script.mailer.isascii() else Header(script.mailer, "utf-8").encode()
    if answered:
        fields["In-Reply-To"] = fields["References"] = answered.message_id
    return {"MIME-Version": "1.0"} | fields | dict(script.headers)


def content(script: MailScript, text: str) -> Message:
    """The body with whatever belongs to it."""
    match script.form:
        case "table":
            body = part(script, "html", page(text, script.rows))
        case "alternative":
            body = MIMEMultipart("alternative")
            body.attach(part(script, "plain", text))
            body.attach(part(script, "html", page(text, ())))
        case _:
            body = part(script, "plain", text)
    if not script.attachment:
        return without_version(body)
    mixed = MIMEMultipart("mixed")
    mixed.attach(body)
    mixed.attach(attachment(script.attachment, script.charset))
    return without_version(mixed)


def without_version(message: Message) -> Message:
    """The same without the MIME-Version that `email.mime` puts first; it comes with the other headers."""
    del message["MIME-Version"]
    return message


def part(script: MailScript, subtype: str, text: str) -> Message:
    """A text part in the script's charset and encoding, both as labelled."""
    out = Message()
    out["Content-Type"] = f'text/{subtype}; charset="{script.charset}"'
    out["Content-Transfer-Encoding"] = script.encoding
    raw = text.replace("\n", "\r\n").encode(script.charset)
    encoded = ENCODERS[script.encoding](raw).replace(b"\r\n", b"\n")
    out.set_payload(encoded.decode("ascii", "surrogateescape"))
    return out


def page(text: str, rows: tuple[tuple[str, str], ...]) -> str:
    """Text, and a table where there are rows, as HTML of a mail program."""
    lines = "".join(f"<p>{html.escape(line) or '&nbsp;'}</p>\n" for line in text.strip().splitlines())
    cells = "".join(f"<tr><td><b>{html.escape(a)}</b></td><td>{html.escape(b)}</td></tr>\n" for a, b in rows)
    table = f'<table border="1" cellspacing="0" cellpadding="4">\n{cells}</table>\n' if rows else ""
    return f"<html><body>\n{lines}{table}</body></html>\n"


def attachment(name: str, charset: str) -> Message:
    """The warehouse's entry note under a name, labelled as Foxmail does: an encoded word in quotes."""
    word = Header(name, charset, maxlinelen=200).encode()
    out = Message()
    out["Content-Type"] = f'application/pdf; name="{word}"'
    out["Content-Transfer-Encoding"] = "base64"
    out["Content-Disposition"] = f'attachment; filename="{word}"'
    out.set_payload(encodebytes(NOTE.read_bytes()).decode("ascii"))
    return out
