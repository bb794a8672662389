"""What an email's headers say beside its content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

from ingestd.domain.address import canonical_domain
from ingestd.domain.reading import Bounce, Envelope, Verdict
from ingestd.parsing import headers, mime
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.leaves import Leaf, content

OWN_MARK = "X-Ingestd"
MAX_REFERENCES = 100
METHODS = "spf|dkim|dmarc|arc|dkim-adsp|iprev|compauth|auth"
METHOD = re.compile(rf"\s*({METHODS})\s{{0,3}}(?:/\s{{0,3}}\d+\s{{0,3}})?=\s{{0,3}}([a-z]{{2,20}})", re.IGNORECASE)
# What a result is about, the better word first: not what the client calls itself (helo), nor what a signer may choose.
ABOUT = {"spf": ("smtp.mailfrom", "smtp.mail"), "dkim": ("header.d", "header.i"), "dmarc": ("header.from",)}
PROPERTY = re.compile(r"(?:^|\s)([a-z]{3,10}\.[a-z]{1,10})\s{0,3}=\s{0,3}([^\s;]{1,600})", re.IGNORECASE)
DELIVERY_FIELD = re.compile(r"^(?P<name>[A-Za-z-]{3,40}):[ \t]{0,8}(?P<value>[^\n]{0,400})", re.MULTILINE)
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def envelope(mail: Message, leaves: list[Leaf], definitions: Definitions) -> Envelope:
    """The envelope of a mail; header values are cleaned of line ends, control and direction characters."""
    ids = headers.message_ids(mail, "Message-ID")
    return Envelope(
        message_id=ids[0] if ids else None,
        in_reply_to=headers.message_ids(mail, "In-Reply-To"),
        references=headers.message_ids(mail, "References")[-MAX_REFERENCES:],
        subject=headers.value(mail, "Subject"),
        from_=headers.authors(mail),
        reply_to=headers.addresses(mail, "Reply-To"),
        to=headers.addresses(mail, "To"),
        machine=machine(mail, definitions),
        hops=len(headers.raw_values(mail, "Received")),
        own_mark=headers.value(mail, OWN_MARK) or None,
        verdicts=tuple(verdict(v) for v in headers.raw_values(mail, "Authentication-Results")),
        bounce=bounce(mail),
        attachments=mime.attachments(mail, leaves),
    )


def machine(mail: Message, definitions: Definitions) -> str | None:
    """Why no answer may go out (RFC 3834 and the habits of providers), None for a mail by a person."""
    return next(reasons(mail, definitions), None)


def reasons(mail: Message, definitions: Definitions) -> Iterator[str]:
    """Each sign that a machine wrote a mail."""
    for value in headers.values(mail, "Auto-Submitted"):
        if value and value.split(";")[0].strip().lower() != "no":
            yield f"Auto-Submitted: {value}"
    for value in headers.values(mail, "Precedence"):
        if value.lower() in definitions.of("bulk"):
            yield f"Precedence: {value}"
    present = {name.lower() for name in mail}
    for name in (*definitions.of("list_headers"), *definitions.of("machine_headers")):
        if name in present:
            yield f"{name}: {headers.value(mail, name)[:80]}"
    if "return-path" in present and headers.value(mail, "Return-Path") in ("<>", ""):
        yield "Return-Path: <>"
    yield from by_content_type(mail)
    for address in headers.addresses(mail, "From"):
        if address.split("@")[0] in definitions.of("machine_local_parts"):
            yield f"From: {address}"


def by_content_type(mail: Message) -> Iterator[str]:
    """Signs in the kind of the mail: reports, calendar entries, receipts."""
    kind = mail.get_content_type()
    if kind == "multipart/report":
        yield f"Content-Type: multipart/report; {mail.get_param('report-type', '')}"
    elif kind == "text/calendar" or (
        mail.is_multipart() and any(p.get_content_type() == "text/calendar" for p in mail.walk())
    ):
        yield "Content-Type: text/calendar"
    elif kind in ("message/disposition-notification", "message/delivery-status"):
        yield f"Content-Type: {kind}"


def verdict(raw: str) -> Verdict:
    """One Authentication-Results header, read as it was written: comments and quoted strings hold what anybody may have
    sent to the server that wrote it, and never count (RFC 8601 §2.2, faults B55).
    """
    bare = headers.outside(headers.unfolded(raw))
    if bare is None:
        return Verdict((raw.split() or [""])[0].partition(";")[0].lower())
    first, _, rest = bare.partition(";")
    authserv = "" if METHOD.match(first) else (first.split() or [""])[0].lower()
    parts = (rest if authserv else bare).split(";")
    return Verdict(authserv, tuple(method(found, part) for part in parts if (found := METHOD.match(part))))


def method(found: re.Match[str], part: str) -> tuple[str, str, str | None]:
    """One method's result with the domain it is about; what stands before the last @ is somebody's to choose."""
    name = found[1].lower()
    told = {key.lower(): value for key, value in PROPERTY.findall(part)}
    about = next((told[key] for key in ABOUT.get(name, ()) if key in told), "")
    domain = canonical_domain(about.rpartition("@")[2].strip("<>"))
    return name, found[2].lower(), domain or None


def bounce(mail: Message) -> Bounce | None:
    """What a delivery status notification (RFC 3464) reports, None for any other mail."""
    if mail.get_content_type() != "multipart/report":
        return None
    parts = list(mail.walk())[:40]
    status = next((p for p in parts if p.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return None
    fields = delivery_fields(status)
    recipient = fields.get("original-recipient") or fields.get("final-recipient") or ""
    code = STATUS.search(fields.get("status", ""))
    return Bounce(
        message_id=returned_id(parts),
        recipient=recipient.rpartition(";")[2].strip().strip("<>").lower() or None,
        status=code.group() if code else None,
        action=(fields.get("action", "").split() or [""])[0].lower() or None,
    )


def delivery_fields(status: Message) -> dict[str, str]:
    """The fields of the first recipient in a delivery status, names in lower case."""
    blocks = status.get_payload()
    if isinstance(blocks, list):
        pairs = [(k.lower(), str(v)) for b in blocks if isinstance(b, Message) for k, v in b.raw_items()]
    else:
        text = content(status).decode("utf-8", "replace")
        pairs = [(m["name"].lower(), m["value"]) for m in DELIVERY_FIELD.finditer(text)]
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, headers.text_of(value))
    return fields


def returned_id(parts: list[Message]) -> str | None:
    """The Message-ID of the mail returned, whole or only its headers."""
    for part in parts:
        kind = part.get_content_type()
        inner: Message | None = None
        payload = part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            inner = payload[0] if isinstance(payload[0], Message) else None
        elif kind == "text/rfc822-headers":
            inner = BytesParser().parsebytes(content(part), headersonly=True)
        if inner is not None and (ids := headers.message_ids(inner, "Message-ID")):
            return ids[0]
    return None
