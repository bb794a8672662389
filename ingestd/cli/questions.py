"""What `ingestd init` asks: each question with its default and its check; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingestd.cli.asking import NO, YES
from ingestd.cli.words import word
from ingestd.config.peer import Security, is_loopback

Answers = Mapping[str, str]  # what is answered so far, by the key of its question

LONGEST_NAME = 40
LONGEST_SIGNATURE = 12
ADDRESS = re.compile(r"[^@\s<>,;，；、]+@(?P<domain>[^@\s<>,;，；、]+\.[^@\s<>,;，；、.]+|localhost)")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
E164 = re.compile(r"\+[0-9]{8,15}")
SERVER = re.compile(r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?")
SEPARATORS = re.compile(r"[,，;；、\s]+")
TLS_PORTS = {993: Security.TLS, 465: Security.TLS}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's mailboxes are read, and who takes their mail."""

    imap: str
    relay: str
    domains: tuple[str, ...] = ()  # of everybody's addresses there
    names: tuple[str, ...] = ()  # other names that it is called by


PROVIDERS: Mapping[str, Provider] = {
    "163": Provider("imap.163.com:993", "smtp.163.com:465", ("163.com",), ("网易", "netease")),
    "126": Provider("imap.126.com:993", "smtp.126.com:465", ("126.com",)),
    "qq": Provider("imap.qq.com:993", "smtp.qq.com:465", ("qq.com", "foxmail.com"), ("QQ邮箱",)),
    "exmail": Provider("imap.exmail.qq.com:993", "smtp.exmail.qq.com:465", (), ("企业微信", "腾讯企业邮", "wecom")),
    "aliyun": Provider("imap.qiye.aliyun.com:993", "smtp.qiye.aliyun.com:465", (), ("阿里", "阿里云", "alibaba")),
    "other": Provider("", "127.0.0.1:25", (), ("其他", "其它")),
}
PUBLIC_DOMAINS = frozenset(d for p in PROVIDERS.values() for d in p.domains) | {
    "aliyun.com", "yeah.net", "139.com", "189.cn", "sina.com", "sohu.com", "gmail.com", "outlook.com", "hotmail.com",
}  # fmt: skip


class WrongAnswerError(Exception):
    """An answer that can't be used; the text says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Server:
    """Host, port and how the connection is protected."""

    host: str
    port: int
    security: Security

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)


def wrong(key: str, **values: object) -> WrongAnswerError:
    """What is wrong with an answer, in the person's words."""
    return WrongAnswerError(word(f"init.wrong.{key}", **values))


# --- checks: each gives the answer as it is kept, or raises WrongAnswerError ------------------------------------------


def name(text: str, _: Answers) -> str:
    """A name of a company or person."""
    if len(text) > LONGEST_NAME:
        raise wrong("too_long", most=LONGEST_NAME, length=len(text))
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text):
        raise wrong("unprintable")
    return text


def signature(text: str, answers: Answers) -> str:
    """A signature without its brackets, which are put around it later."""
    bare = text.strip("【】[]")
    if len(bare) > LONGEST_SIGNATURE:
        raise wrong("signature", most=LONGEST_SIGNATURE, length=len(bare))
    return name(bare, answers)


def address(text: str, _: Answers) -> str:
    """A mail address."""
    if not ADDRESS.fullmatch(text):
        raise wrong("address", text=text)
    return text.lower()


def of_another(text: str, answers: Answers) -> str:
    """A mail address other than the order mailbox's: what comes from there is our own mail coming back."""
    given = address(text, answers)
    if given == answers.get("address"):
        raise wrong("own_address", text=given)
    return given


def domain(text: str, _: Answers) -> str:
    """A domain."""
    if not DOMAIN.fullmatch(text.lower()):
        raise wrong("domain", text=text)
    return text.lower()


def provider(text: str, _: Answers) -> str:
    """A provider by one of its names."""
    for key, known in PROVIDERS.items():
        if text.lower() in (key, *known.domains, *(n.lower() for n in known.names)):
            return key
    raise wrong("provider", text=text, known=", ".join(PROVIDERS))


def server(text: str, _: Answers) -> str:
    """A server as host:port."""
    found = SERVER.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 0) < 65536:
        raise wrong("server", text=text)
    return text


def code(text: str, _: Answers) -> str:
    """A password or authorisation code: one line."""
    if "\n" in text or "\r" in text:
        raise wrong("code")
    return text


def yes_or_no(text: str, _: Answers) -> str:
    """`true` or `false`."""
    if text.lower() not in YES + NO:
        raise wrong("yes_or_no", text=text)
    return "true" if text.lower() in YES else "false"


def phone(text: str, _: Answers) -> str:
    """A number in E.164; a Chinese mobile's eleven digits get their +86."""
    bare = re.sub(r"[\s()-]", "", text)
    if MOBILE.fullmatch(bare):
        return f"+86{bare}"
    if not E164.fullmatch(bare):
        raise wrong("phone")  # a number that may be somebody's is not repeated
    return bare


def reachable_phone(text: str, answers: Answers) -> str:
    """The dispatcher's phone; without it he needs a mail address."""
    if not text and not answers.get("dispatcher_email"):
        raise wrong("unreachable")
    return phone(text, answers) if text else ""


def staff_number(text: str, _: Answers) -> str:
    """A staff number."""
    if not re.fullmatch(r"[0-9]{2,8}", text):
        raise wrong("staff_number", text=text)
    return text


def districts(text: str, _: Answers) -> str:
    """Places, parted by commas."""
    places = [place for place in re.split(r"[,，;；、]+", text) if place.strip()]
    short = [place for place in places if len(place.strip()) < 2]
    if short:
        raise wrong("district", text=", ".join(short))
    return ", ".join(dict.fromkeys(place.strip() for place in places))


def customer_keys(text: str, answers: Answers) -> str:
    """Addresses, domains and phones of a customer, parted by commas."""
    if not text:
        raise wrong("customer_unknown")
    return ", ".join(dict.fromkeys(customer_key(part, answers) for part in SEPARATORS.split(text) if part))


def customer_key(text: str, answers: Answers) -> str:
    """One address, domain or phone of a customer."""
    text = text.removeprefix("@")
    if "@" in text:
        return of_another(text, answers)
    if re.fullmatch(r"\+?[0-9-]+", text):
        return phone(text, answers)
    if text.lower() in PUBLIC_DOMAINS:
        raise wrong("public_domain", text=text)
    return domain(text, answers)


# --- defaults ---------------------------------------------------------------------------------------------------------


def nothing(_: Answers) -> str:
    """No default: an answer is needed, or the question is optional."""
    return ""


def fixed(text: str) -> Callable[[Answers], str]:
    """The same default whatever was answered."""
    return lambda _: text


def short_company(answers: Answers) -> str:
    """As much of the company's name as a signature holds."""
    return answers.get("company", "")[:LONGEST_SIGNATURE]


def domain_of(answers: Answers) -> str:
    """The domain of the order address."""
    return answers.get("address", "").rpartition("@")[2]


def likely_provider(answers: Answers) -> str:
    """The provider whose domain the order address has; a domain of one's own is most often at 企业微信."""
    own = domain_of(answers)
    return next((key for key, known in PROVIDERS.items() if own in known.domains), "exmail")


def own_dispatch(answers: Answers) -> str:
    """dispatch@ at a domain of one's own; at a public provider that is a stranger's."""
    own = domain_of(answers)
    return f"dispatch@{own}" if own and own not in PUBLIC_DOMAINS else ""


def by_provider(what: str) -> Callable[[Answers], str]:
    """The server of the chosen provider."""
    return lambda answers: str(getattr(PROVIDERS[answers.get("provider") or "other"], what))


# --- the questions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One question; its words are `init.ask.KEY` and `init.example.KEY`."""

    key: str
    check: Callable[[str, Answers], str]
    default: Callable[[Answers], str] = nothing
    needed: bool = True  # an empty answer without a default won't do
    secret: bool = False
    default_from: str = ""  # the question whose answer the default is made of
    only_with: tuple[str, str] | None = None  # asked where that answer was given; ("x", "*"): where x is not empty


QUESTIONS = (
    Question("company", name),
    Question(
        "signature", signature, lambda answers: answers.get("company", "")[:LONGEST_SIGNATURE], default_from="company"
    ),
    Question("address", address),
    Question("domain", domain, domain_of, default_from="address"),
    Question("provider", provider, likely_provider, default_from="address"),
    Question("imap", server, by_provider("imap"), default_from="provider"),
    Question("password", code, needed=False, secret=True),
    Question("relay", server, by_provider("relay"), default_from="provider"),
    Question("sms", yes_or_no, fixed("no")),
    Question("sms_number", phone, needed=False, only_with=("sms", "true")),
    Question("dispatcher_name", name),
    Question("dispatcher_email", of_another, own_dispatch, needed=False, default_from="address"),
    Question("dispatcher_phone", reachable_phone, needed=False, default_from="dispatcher_email"),
    Question("staff_number", staff_number, fixed("8001")),
    Question("districts", districts, needed=False),
    Question("customer_name", name, needed=False),
    Question("customer", customer_keys, only_with=("customer_name", "*")),
)
ALWAYS_CHECKED = {"dispatcher_phone"}  # an empty answer may be wrong, by another one


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether a question makes sense after these answers."""
    if question.only_with is None:
        return True
    key, wanted = question.only_with
    return bool(answers.get(key)) if wanted == "*" else answers.get(key) == wanted


def answered(question: Question, text: str, answers: Answers) -> str:
    """The answer as it is kept; its default where it is empty. Raises WrongAnswerError."""
    given = text.strip() or question.default(answers)
    if not given and question.needed:
        raise wrong("needed")
    if not given and question.key not in ALWAYS_CHECKED:
        return ""
    return question.check(given, answers)


def server_of(text: str) -> Server:
    """A checked `host:port` with the protection that is usual there; none on this machine itself."""
    host, _, port = text.rpartition(":")
    usual = Security.NONE if is_loopback(host) else Security.STARTTLS
    return Server(host, int(port), TLS_PORTS.get(int(port), usual))
