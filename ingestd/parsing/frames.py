"""Frames: what announces somebody or a place in running text, put to the proof of what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import descriptions, parties, places
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.labels import DIALLED, Meaning
from ingestd.parsing.text import Text
from ingestd.parsing.wording import alternation, guard, phrase

MIN_ADDRESS = 3  # characters
MAX_BEHIND = 60  # characters looked at behind a frame
LIST = re.compile(r"<(\w+)>")
ENGLISH_END = re.compile(r"[;\n!?]|(?<=[a-z\d]{3})\.(?=\s|$)")
MAX_GREETING = 6
MAX_DESCRIPTIONS = 3  # phrases before a name
MIN_WORDS, MAX_WORDS = 2, 7  # of an English company
NUMBER_OPENS = re.compile(r"[\d+(]")
SIGN = re.compile(r"[,;。!?\n\t ]")
ANY_NAME = re.compile(r"[\u3400-\u9fff]{2,5}(?:\*[\u3400-\u9fff]{2,5})?")


@dataclass(frozen=True, slots=True)
class Frame:
    """One kind of announcement: its pattern and what the text behind it is."""

    pattern: re.Pattern[str]
    role: str
    slot: str


@lru_cache(maxsize=4)
def frames(definitions: Definitions) -> tuple[Frame, ...]:
    """The frames of all labels that have some."""
    return tuple(
        Frame(pattern(longest_first(label.frames), definitions), label.role, label.slot)
        for label in definitions.labels
        if label.frames
    )


def pattern(written: list[str], definitions: Definitions) -> re.Pattern[str]:
    """The pattern of any of some frames."""

    def listed(match: re.Match[str]) -> str:
        words = "|".join(definitions.of(match[1]))
        before = match.string[: match.start()]
        return words if before.count("(") > before.count(")") else f"({words})"

    plain = [LIST.sub(listed, frame) for frame in written]
    return re.compile(f"{guard(plain)}(?:{'|'.join(spelt(frame, definitions) for frame in written)})")


def longest_first(written: tuple[str, ...]) -> list[str]:
    """Frames in the order in which they are tried."""
    return sorted(written, key=len, reverse=True)


def spelt(written: str, definitions: Definitions) -> str:
    """The pattern of a frame: a phrase in which `<name>` stands for any word of a list."""
    parts = LIST.split(written)
    edge = r"\b" if written[:1].isascii() and written[:1].isalpha() else ""
    return edge + "".join(
        f"(?:{alternation(definitions.of(part))})" if index % 2 else phrase(part) for index, part in enumerate(parts)
    )


def find(folded: str, labelled: Sequence[Item], definitions: Definitions) -> Iterator[Item]:
    """All frames whose text can be what they announce, but for those within a label."""
    ends = within(labelled, len(folded))
    for frame in frames(definitions):
        for match in frame.pattern.finditer(folded):
            if match.end() <= ends[match.start()]:
                continue
            behind = folded[match.end() : match.end() + MAX_BEHIND]
            english = match.group()[-1:].isascii()
            text = behind.lstrip(" :" if english else " :,")
            said = match.group().rstrip().endswith(definitions.of("english_copula"))
            if not english and frame.slot in ("party", "person"):
                text = text[past_descriptions(text, definitions) :]
            if match.group() in definitions.of("self"):
                if not opens_phrase(folded, match.start(), definitions) or not introduces(text, definitions):
                    continue
            elif (english and behind[:1].isalpha() and match.group()[-1:].isalpha()) or not fits(
                frame.slot, text, definitions, said=said
            ):
                continue
            start, end = match.start(), match.end() + len(behind) - len(text)
            rule = f"frame.{frame.role}.{frame.slot}"
            meaning = Meaning(frame.role, frame.slot, frame.slot != "address", framed=True)
            yield Item(Kind.LABEL, start, end, meaning, rule)


def past_descriptions(text: str, definitions: Definitions) -> int:
    """Where a text begins to name somebody behind phrases that only say what he is."""
    start = 0
    for _ in range(MAX_DESCRIPTIONS):
        sign = SIGN.search(text, start)
        if (
            sign is None
            or sign.group() not in ", \t"
            or not (
                descriptions.is_description(text[start : sign.start()], definitions)
                or descriptions.is_apposition(text[start : sign.start()], definitions)
            )
        ):
            break
        start = sign.end()
    return start


def opens_phrase(folded: str, start: int, definitions: Definitions) -> bool:
    """Whether a place begins a phrase, perhaps behind a greeting."""
    before = folded[max(0, start - MAX_GREETING) : start].rstrip(" ")
    return not before or SIGN.match(before[-1]) is not None or before.endswith(definitions.of("greetings"))


def introduces(text: str, definitions: Definitions) -> bool:
    """Whether behind a mere "I" stand a name, perhaps with what its bearer is, and his phone."""
    phrase_behind = NUMBER_OPENS.split(SIGN.split(text, maxsplit=1)[0], maxsplit=1)[0]
    label = phone_label(definitions).search(phrase_behind, 1)
    named = phrase_behind[: label.start()] if label else phrase_behind
    known = parties.told_person(named, definitions, spoken=True) or parties.is_bare_person(named, definitions)
    rest = text[len(named) :].lstrip(" ,")
    return bool(known) and phone_follows(rest[past_descriptions(rest, definitions) :], definitions)


def within(labelled: Sequence[Item], length: int) -> list[int]:
    """For each place in a text, where what begins there must end behind to be more than a part of a label."""
    ends = [0] * (length + 1)
    for item in labelled:
        ends[item.start + 1 : item.end] = [length] * (item.end - item.start - 1)
        if item.value.sure:
            ends[item.start] = item.end
    return ends


def fits(slot: str, text: str, definitions: Definitions, *, said: bool = True) -> bool:
    """Whether a text can stand behind a frame for a slot; where a name is not said to be one, it must look like it."""
    if text[:1].isascii() and text[:1].isalnum():
        return fits_english(slot, text, definitions, said=said)
    phrase_behind = SIGN.split(text, maxsplit=1)[0]
    if slot == "address":
        if not places.looks_like_address(phrase_behind, definitions):
            return False
        start, end = places.span(phrase_behind, definitions) or (1, 1)
        told = phrase_behind.endswith(definitions.of("sentence_ends"))  # 客户搬仓库了 tells of a place
        return (
            start == 0
            and end > MIN_ADDRESS
            and not told
            and not phrase_behind.startswith(definitions.of("possessive"), end)
        )
    if slot == "place":
        return places.town_end(text, definitions) is not None
    if slot == "company":
        return parties.is_company(phrase_behind.split(")", 1)[0], definitions)
    return names_somebody(text, phrase_behind, definitions)


def fits_english(slot: str, text: str, definitions: Definitions, *, said: bool) -> bool:
    """Whether English words can stand behind a frame: several for an address or a company, a title for a person."""
    sentence = ENGLISH_END.split(text, maxsplit=1)[0]
    if slot == "address":
        return places.looks_like_address(sentence, definitions)
    if slot == "place":
        return places.town_end(text, definitions) is not None
    first = re.split(r"[,(\d+]", sentence, maxsplit=1)[0].split()
    if not first or first[0] in definitions.of("english_no_name"):
        return False
    named = " ".join(first)
    if parties.is_person(named, definitions) or parties.is_company(named, definitions):
        return True
    behind = sentence[len(named) :].lstrip(" ,(")
    return (said or parties.is_person(behind, definitions)) and MIN_WORDS <= len(first) <= MAX_WORDS


def names_somebody(text: str, phrase_behind: str, definitions: Definitions) -> bool:
    """Whether a text begins with a person or company, or with any name that a phone follows."""
    plain = NUMBER_OPENS.split(phrase_behind, maxsplit=1)[0]
    if phone_label(definitions).match(plain):
        return False
    label = phone_label(definitions).search(plain, 1)
    plain = plain[: label.start()] if label else plain
    if len(plain) < 2:
        return False
    if plain.endswith(definitions.of("possessive")) and parties.is_company(plain[:-1], definitions):
        return True
    if parties.person_end(plain, definitions) or parties.is_company(plain, definitions):
        return True
    if parties.joined(Text(plain, plain), definitions):
        return True
    name = ANY_NAME.match(text)
    return name is not None and phone_follows(text[name.end() :], definitions)


def phone_follows(text: str, definitions: Definitions) -> bool:
    """Whether a number follows, perhaps behind its label."""
    label = phone_label(definitions).match(text)
    return bool(DIALLED.match(text[label.end() if label else 0 :].lstrip(" ,:")))


@lru_cache(maxsize=4)
def phone_label(definitions: Definitions) -> re.Pattern[str]:
    """The labels of phones."""
    words = [w for label in definitions.labels if label.slot == "phone" for w in label.words if len(w) > 1]
    return re.compile(rf"[ ,:]{{0,2}}(?:{alternation(words)})")
