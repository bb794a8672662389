"""Who a mail is by: one plain mailbox in one From header, and nothing that two programs could read differently."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading

Email = Callable[[bytes], Reading]
WANG = "wang@shoes.example"


def authors(email: Email, *lines: bytes) -> tuple[str, ...]:
    """What is read of these From headers."""
    head = b"".join(b"From: " + line + b"\r\n" for line in lines)
    return email(head + b"To: orders@desk.example\r\nSubject: x\r\n\r\nx\r\n").envelope.from_


@pytest.mark.parametrize(
    "line",
    [
        b"wang@shoes.example",
        b"<wang@shoes.example>",
        b"WANG@Shoes.Example",
        b"Wang Lei <wang@shoes.example>",
        b"Wang, Lei <wang@shoes.example>",
        b'"Wang, Lei" <wang@shoes.example>',
        b"wang@shoes.example <wang@shoes.example>",
        b"=?utf-8?B?546L?= <wang@shoes.example>",
        "王雷<wang@shoes.example>".encode(),
        "王雷 <wang@shoes.example>".encode("gb18030"),
        b"wang@shoes.example (Wang (at work))",
        b'"<evil@x.example>" <wang@shoes.example>',
        b"=?utf-8?q?evil=40x.example?= <wang@shoes.example>",
        b"Wang\r\n <wang@shoes.example>",
    ],
)
def test_a_plain_mailbox_is_its_address(line: bytes, email: Email) -> None:
    assert authors(email, line) == (WANG,)


@pytest.mark.bad_input("B52")
@pytest.mark.parametrize(
    "lines",
    [
        (b"Shoes: wang@shoes.example;",),
        (b"Shoes: wang@shoes.example, li@shoes.example;",),
        (b"undisclosed-recipients:;",),
        (b"",),
        (b"Wang",),
        (b"wang",),
        (b"wang@",),
        (b"=?utf-8?q?wang=40shoes.example?=",),
        (b"<=?utf-8?q?wang=40shoes.example?=>",),
        (b"wang@shoes.example", b"Group: evil@x.example;"),
    ],
)
def test_a_group_or_no_address_is_by_nobody(lines: tuple[bytes, ...], email: Email) -> None:
    assert authors(email, *lines) == ()


@pytest.mark.bad_input("B53")
@pytest.mark.parametrize(
    "line",
    [
        b"wang@shoes.example <evil@x.example>",
        b"evil@x.example <wang@shoes.example>",
        b"wang@shoes.example)evil@x.example",
        b"wang@shoes.example(<evil@x.example>",
        b"wang@shoes.example ]<evil@x.example>",
        b"<wang@shoes.example><evil@x.example>",
        b"<wang@shoes.example> evil@x.example",
        b"<@evil.example:wang@shoes.example>",
        b'"wang@shoes.example <evil@x.example>',
        b'"wang@shoes.example"@evil.example',
        b"wang@shoes.example@evil.example",
        b"<wang@shoes.example",
        b"wang@shoes.example evil@x.example",
    ],
)
def test_what_programs_read_differently_is_by_nobody(line: bytes, email: Email) -> None:
    assert WANG not in authors(email, line)


@pytest.mark.bad_input("B52")
@pytest.mark.parametrize(
    "lines", [(b"wang@shoes.example", b"evil@x.example"), (b"wang@shoes.example, evil@x.example",), (b"a@b.c",) * 2]
)
def test_two_addresses_are_two(lines: tuple[bytes, ...], email: Email) -> None:
    assert len(authors(email, *lines)) == 2


@pytest.mark.bad_input("B59")
@pytest.mark.parametrize(
    "address",
    [
        "wang@sh\u043ees.example",  # a Cyrillic o
        "wang@shoes\u00e9.example",  # what is no ASCII is part of the name
        "wang@\u200bshoes.example",
        "wang@sho\u00ades.example",
        "wang@shoes\uff0eexample",
        "wang@shoes\u3002example",
        "\uff57ang@shoes.example",
        "wang@\uff53hoes.example",
        "\u200bwang@shoes.example",
        "wang\uff20shoes.example",
        "wang@\u017fhoes.example",  # a long s
        "wang@shoes.example.",
        "wang+1@shoes.example",
        "wang@xn--shes-6xc.example",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_look_alike_is_somebody_else(address: str, charset: str, email: Email) -> None:
    assert WANG not in authors(email, f"<{address}>".encode(charset))
    assert WANG not in authors(email, address.encode(charset))


def test_an_internationalised_domain_is_one_in_both_its_forms(email: Email) -> None:
    for form in ("li@例子.example", "li@xn--fsqu00a.example", "LI@XN--FSQU00A.Example"):
        assert authors(email, f"<{form}>".encode()) == ("li@xn--fsqu00a.example",)


# --- the word of our own server ---------------------------------------------------------------------------------------


@pytest.mark.bad_input("B55", "B56")
@pytest.mark.parametrize(
    ("value", "methods"),
    [
        ("spf=pass smtp.mailfrom=li@shoes.example", (("spf", "pass", "shoes.example"),)),
        ("spf=pass smtp.mailfrom=<li@SHOES.example>", (("spf", "pass", "shoes.example"),)),
        ("spf=pass smtp.helo=shoes.example", (("spf", "pass", None),)),
        ("spf=pass smtp.helo=shoes.example smtp.mailfrom=evil.example", (("spf", "pass", "evil.example"),)),
        ("spf=pass smtp.mailfrom=li@shoes.example@evil.example", (("spf", "pass", "evil.example"),)),
        ('spf=pass smtp.mailfrom="li@shoes.example"@evil.example', (("spf", "pass", "evil.example"),)),
        (
            'spf=fail smtp.mailfrom="x; dmarc=pass header.from=shoes.example"@evil.example',
            (("spf", "fail", "evil.example"),),
        ),
        ('spf=fail reason="so; dmarc=pass"', (("spf", "fail", None),)),
        (r"spf=fail (said \); dmarc=pass (x))", (("spf", "fail", None),)),
        ("spf=fail (=?utf-8?q?=29=3B_dmarc=3Dpass_=28?=)", (("spf", "fail", None),)),
        ("spf=fail (never closed; dmarc=pass", ()),
        ("x-dmarc=pass; spf=none", (("spf", "none", None),)),
        ("dkim/1=pass header.i=@mail.shoes.example header.d=shoes.example", (("dkim", "pass", "shoes.example"),)),
        ("dkim=pass header.i=@shoes.example", (("dkim", "pass", "shoes.example"),)),
        ("dmarc=pass (p=reject) header.from=shoes.example", (("dmarc", "pass", "shoes.example"),)),
        ("none", ()),
    ],
)
def test_only_what_our_server_itself_says_is_its_word(
    value: str, methods: tuple[tuple[str, str, str | None], ...], email: Email
) -> None:
    head = f"From: {WANG}\r\nAuthentication-Results: mx.desk.example 1; {value}\r\n\r\nx\r\n"
    (verdict,) = email(head.encode()).envelope.verdicts
    assert (verdict.authserv_id, verdict.methods) == ("mx.desk.example", methods)
