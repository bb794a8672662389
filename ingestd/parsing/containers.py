"""Parts that hold parts in another way than MIME foresees: broken frames, Outlook's package, a mail in code."""

from __future__ import annotations

import email
import re
from email.message import Message

from ingestd.parsing import limits, markup, rich, tnef
from ingestd.parsing.charset import decoded
from ingestd.parsing.headers import text_of
from ingestd.parsing.leaves import Leaf, content, file_name, unbase64

PACKAGES = ("application/ms-tnef", "application/vnd.ms-tnef")
FIRST_PART = re.compile(
    rb"(?:\A|\n)--(?P<name>[^\r\n]{1,70}?)[ \t]*\r?\n(?:[A-Za-z-]{1,40}:[^\n]{0,200}\n){0,5}?content-", re.IGNORECASE
)
PREAMBLE = 2000  # bytes in which the first part of a body without a usable boundary must begin


def reframed(mail: Message) -> Message | None:
    """A multipart whose boundary is missing or wrong, with the one that its body shows; None where it shows none."""
    raw = content(mail)
    found = FIRST_PART.search(raw[:PREAMBLE])
    if found is None or b'"' in found["name"]:
        return None
    head = b'Content-Type: multipart/mixed; boundary="' + found["name"] + b'"\r\n\r\n'
    framed = head + raw
    if limits.refuse(framed):
        return None
    again = email.message_from_bytes(framed)
    if mail.get_content_subtype() in ("alternative", "related"):
        again.set_type(mail.get_content_type())
    return again if again.is_multipart() else None


def enclosed_in(part: Message) -> list[Message]:
    """The mails that a part holds, decoded where it was encoded against the rule."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return mail_of(content(part))
    mails = [p for p in payload if isinstance(p, Message)]
    if mails and not len(mails[0]) and str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        inner = mails[0].get_payload()
        return mail_of(unbase64(inner.encode("ascii", "ignore"))) if isinstance(inner, str) else []
    return mails


def mail_of(raw: bytes) -> list[Message]:
    """The mail in a file, none where it is too big or empty."""
    return [email.message_from_bytes(raw)] if raw.strip() and not limits.refuse(raw) else []


def is_package(part: Message, kind: str) -> bool:
    """Whether a part is Outlook's package."""
    return kind in PACKAGES or file_name(part).lower() == "winmail.dat"


def package_leaves(part: Message) -> list[Leaf]:
    """The text and files of Outlook's package; the package itself as a file where it cannot be opened."""
    package = tnef.unpacked(content(part))
    if package is None or not (package.files or package.plain or package.html or package.rich):
        return [Leaf(part, part.get_content_type(), file=True)]
    text = package_text(package)
    body = [Leaf(part, "text/plain", text)] if text.strip() else []
    return [*body, *(file_leaf(file, package.code_page) for file in package.files if file.data)]


def package_text(package: tnef.Package) -> str:
    """The text of a package in its best form."""
    if package.plain:
        return package.plain if isinstance(package.plain, str) else decoded(package.plain, package.code_page)
    if package.html:
        return markup.lines_of(decoded(package.html, markup.charset_of(package.html) or package.code_page))
    return rich.text(tnef.decompressed(package.rich)) if package.rich else ""


def file_leaf(file: tnef.File, code_page: str) -> Leaf:
    """A file of a package, as if it were attached by itself."""
    name = file.name if isinstance(file.name, str) else decoded(file.name, code_page)
    kind = file.kind if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", file.kind) else "application/octet-stream"
    part = Message()
    part["Content-Type"] = kind
    part["Content-Transfer-Encoding"] = "8bit"
    part.add_header("Content-Disposition", "attachment", filename=text_of(name))
    part.set_payload(file.data.decode("ascii", "surrogateescape"))
    return Leaf(part, kind, file=True)
