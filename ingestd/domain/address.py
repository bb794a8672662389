"""An email address in the one form in which addresses are compared."""

from __future__ import annotations


def canonical(address: str) -> str:
    """An address in lower case, its domain as `canonical_domain` has it; a local part beyond ASCII stays as it is."""
    local, at, domain = address.rpartition("@")
    return f"{lowered(local)}{at}{canonical_domain(domain)}"


def canonical_domain(domain: str) -> str:
    """A domain in lower case, an internationalised one as its A-labels (RFC 5890).

    What only folds into another name (full-width letters, a Kelvin sign for a k, characters of no width) is no name
    of its own: it stays as written, and so is never the name that it looks like.
    """
    if domain.isascii():
        return domain.lower()
    try:
        labels = domain.encode("idna")
        return labels.decode("ascii").lower() if labels.decode("idna") == domain else domain
    except UnicodeError:
        return domain


def lowered(text: str) -> str:
    """ASCII in lower case; beyond it case folding makes one letter of another."""
    return text.lower() if text.isascii() else text


def aligned(one: str, other: str) -> bool:
    """Whether two domains are the same or one lies under the other (RFC 7489 §3.1, relaxed)."""
    return one == other or one.endswith("." + other) or other.endswith("." + one)
