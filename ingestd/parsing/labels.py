"""Labels and cues: the words that say whose and what the text behind them is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingestd.parsing import parties, phones, places, prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation

FIGURE_SLOTS = ("quantity", "weight", "net_weight", "volume")
WHERE = ("address", "place")
MAX_QUALIFIER = 8  # characters before a label that say more closely whose it is
OPENERS = " \t\n,;。、|/[(*.!?:>\"'-@"
NAME = re.compile(r"[\u3400-\u9fff]{2,6}")
DIALLED = re.compile(r"[^\d\n]{0,4}[\d+(][\d+\-/ ()]{5}")  # fewer signs count goods: telephones are goods, too
PHONE_BEHIND = re.compile(r"\s?[\d+(][\d\- ()]{6,}")
PHONE_WITHIN = re.compile(r"\d[\d\- ]{9,}")
MAX_LINE = 100
MAX_TOWN = 8  # characters in which a town is named
LINE_HEAD = re.compile(r"(?:^|\n)[ \t*>\-.\d、)(\[#]{0,8}([\u4e00-\u9fff]{3,7})[ \]]{0,3}:")
PHRASE_END = re.compile(r"[,;。!?\n\t]")
PARTY_WORDS = ("party", "person", "company", "either")
ROLE_BEHIND = re.compile(r" ?\(([^()\n]{2,8})\)(?=[ ]{0,2}[:=])")
FIGURE_BEHIND = re.compile(r"[^\d\n]{0,4}\d|.{1,4}[\u4e00-\u9fff]")
FIGURE_ANNOUNCED = re.compile(r" ?[:=] ?\d")
NUMBER_BEHIND = re.compile(r"[ #:]{0,3}[a-z\d][a-z\d\-]{2,}")
PAPER_BEHIND = re.compile(r"(?: ?[#:] {0,2}| |(?<=#))(?=[a-z\d/-]{0,12}\d{4})[a-z\d/-]{5,}(?![.\d])")
ORDINALS = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341"
ORDINAL = re.compile(rf" ?(?:[{ORDINALS}]|\(?\d{{1,2}}\)?|[a-e])(?=[ ]{{0,3}}\]?[:=|\t])")
NUMBERED_SLOTS = ("goods", *FIGURE_SLOTS)
LINE_OPENING = re.compile(rf"[ \t*\-.]*(?:\(?(?:\d{{1,2}}|[a-z]|[{ORDINALS}]{{1,2}})[.)\u3001][ \t]*)?$")
LABEL_ENDS = (":", "=", "\n", "\t", "")
TWIN_GAP = re.compile(r" {0,2}[/(]? {0,2}(?=\S)")
JOINED = re.compile(r" {0,2}[/\u3001&+\u53ca\u548c\u4e0e] {0,2}(?=\S)")
TWIN_END = re.compile(r" {0,3}(?:[:=|\t\]\n]|$)|  ")
SPOKEN_HEAD = re.compile(r"(?:^|\n)[ \t]{0,4}([\u4e00-\u9fff]{5,60})")
MIN_HEAD, MAX_HEAD = 3, 5  # characters of labels that dictation mishears
SPACED_HEAD = re.compile(
    r"(?:^|\n)[ \t*>\-.\d、)(\[#]{0,8}((?:[\u4e00-\u9fff] {1,4}){1,5}[\u4e00-\u9fff]) {0,4}[:=|\t\]]"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label says; `sure` where a separator stands behind it."""

    role: str
    slot: str
    sure: bool = True
    unit: str = ""  # a unit written into the label
    framed: bool = False  # announced by a frame of running text
    town: tuple[int, int] | None = None  # where the town stands that the label names, too


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns of labels."""

    begins: re.Pattern[str]  # where a label may begin
    simple: re.Pattern[str]
    compound: re.Pattern[str]
    simple_words: frozenset[str]
    compound_openings: frozenset[str]  # the first characters of compounds
    separator: re.Pattern[str]
    unit: re.Pattern[str]
    not_behind: re.Pattern[str]
    words: dict[str, tuple[str, str]]
    units: frozenset[str]
    bare: frozenset[str]
    glue: frozenset[str]
    by_gap: dict[str, list[str]]  # a word with a gap in place of one character → the words that it may be
    particles: str
    number: re.Pattern[str]
    joins: re.Pattern[str]
    qualifier: re.Pattern[str]

    def tail(self, folded: str, position: int) -> str:
        """The word at a place that only stands joined to a label, such as "time"; empty where there is none."""
        found = self.joins.match(folded, position)
        return found.group() if found else ""


@lru_cache(maxsize=4)
def grammar(definitions: Definitions) -> Grammar:
    """The patterns made of the definitions' labels."""
    words = {w.lower(): (label.role, label.slot) for label in definitions.labels for w in (*label.words, *label.glue)}
    composed_heads, composed_tails = compound_parts(definitions)
    behind = rf" ?(?:{alternation(composed_tails)})"
    units = [w for u in definitions.units if u.kind != "length" for w in u.words]
    written = definitions.of("separators")
    spelt = alternation(word for word in written if word.isascii())
    separators = rf"{alternation(word for word in written if not word.isascii())}|(?:{spelt})\b"
    heads = alternation(definitions.of("separator_heads"))
    by_gap: dict[str, list[str]] = {}
    for word in words:
        for place in range(len(word)):
            by_gap.setdefault(word[:place] + "\0" + word[place + 1 :], []).append(word)
    answers = alternation(definitions.of("answers"))
    simple = list(words)
    words |= {w: meaning for w, meaning in compounds(definitions) if w not in words}
    return Grammar(
        begins=re.compile(alternation([*simple, *composed_heads])),
        simple=re.compile(alternation(simple)),
        compound=re.compile(alternation(composed_heads) + behind),
        simple_words=frozenset(simple),
        compound_openings=frozenset(head[0] for head in composed_heads),
        separator=re.compile(
            rf"[ ]{{0,3}}(?:\([^()\n]{{0,12}}\))?(?: in [a-z]{{3,15}})?[ ]{{0,3}}"
            rf"(?P<sign>[\])]?[ ]{{0,2}}[:=|\t]+(?!//)|\?[ ]{{0,4}}(?:{answers}):|\]"
            rf"|(?:{heads}){{0,2}}(?:{separators}):?)[ \t]{{0,40}}"
        ),
        unit=re.compile(rf"[ ]?[(/\[]?(?P<unit>{alternation(units)})[)\]]?(?=[ ]{{0,3}}[:=|\t\n])"),
        not_behind=re.compile(alternation(definitions.of("not_behind"))),
        words=words,
        units=frozenset(units),
        bare=frozenset(w.lower() for label in definitions.labels for w in label.bare),
        glue=frozenset(w for label in definitions.labels for w in label.glue),
        by_gap=by_gap,
        particles="".join(w[-1] for w in definitions.of("particles")),
        qualifier=re.compile(rf"(?:^|[\s,;。(\[])((?:{alternation(definitions.of('label_qualifiers'))}){{1,2}})$"),
        joins=re.compile(alternation(definitions.of("joined_tails"))),
        number=re.compile(rf"(?:{separators})?[: ]{{0,60}}[+(]?\d{{3}}"),
    )


def compound_parts(definitions: Definitions) -> tuple[list[str], list[str]]:
    """All first and all second parts of compounds."""
    of, parts = definitions.of, definitions.compounds
    heads = [w for name in dict.fromkeys(c.heads for c in parts) for w in of(name)]
    return heads, [w for name in dict.fromkeys(c.tails for c in parts) for w in of(name)]


def compounds(definitions: Definitions) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each word that the compounds make, with its role and slot; of two the first block's counts."""
    for entry in reversed(definitions.compounds):
        for head in definitions.of(entry.heads):
            gap = " " if head.isascii() else ""
            for tail in definitions.of(entry.tails):
                if head.isascii() == tail.isascii():
                    yield head + gap + tail, (entry.role, entry.slot)


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """All labels of a text in its order."""
    g = grammar(definitions)
    yield from misspelt(folded, g)
    yield from misheard(folded, g, definitions)
    position = 0
    while (match := g.begins.search(folded, position)) is not None:
        item = longest(match.start(), whole_word(match, g), folded, g, definitions)
        if item is None:
            position = match.start() + 1
        else:
            yield item
            position = max(item.end, match.start() + 1)


def whole_word(begun: re.Match[str], g: Grammar) -> str:
    """The longer of the simple and the composed word where one begins."""
    word = begun.group()
    if word in g.simple_words and word[0] not in g.compound_openings:
        return word
    return word_at(begun.string, begun.start(), g)


def word_at(folded: str, position: int, g: Grammar) -> str:
    """The longer of the simple and the composed word at a place, empty where neither stands there."""
    simple, composed = g.simple.match(folded, position), g.compound.match(folded, position)
    return max(simple.group() if simple else "", composed.group() if composed else "", key=len)


def longest(start: int, word: str, folded: str, g: Grammar, definitions: Definitions) -> Item | None:
    """The longest label that begins at a place and is one there."""
    for length in range(len(word), 0, -1):
        if word[:length] in g.words:
            item = accepted(start, word[:length], folded, g, definitions)
            if item is not None:
                cut = length < len(word) and item.value.slot in WHERE and not item.value.sure
                return None if cut else item  # half of a longer label is none
    return None


def accepted(start: int, word: str, folded: str, g: Grammar, definitions: Definitions) -> Item | None:
    """The label item for a word if its surroundings show that it is one."""
    end = start + len(word)
    begin = qualified(start, folded, g)
    before = folded[begin - 1 : begin]
    opened = not before.isalnum() or before.isdigit() or before in g.particles or begin < start
    if word.isascii() and (not opened or folded[end : end + 1].isalpha()):
        return None
    role, slot = g.words[word]
    if word in definitions.of("mail_heads") and heads_mail(end, folded, definitions):
        role, slot = "order", "nothing"
    told = ROLE_BEHIND.match(folded, end)
    if told and slot in PARTY_WORDS and g.words.get(told[1], ("", ""))[1] in PARTY_WORDS:
        role, slot = g.words[told[1]]  # which says more plainly whose it is
    if slot in FIGURE_SLOTS and word in g.units and is_unit(start, start + len(word), folded):
        return None
    end = behind_ordinal(slot, behind_twin(word, end, folded, g), folded)
    unit = g.unit.match(folded, end) if slot != "vehicle" else None
    behind = unit.end() if unit else end
    sign = g.separator.match(folded, behind)
    if (
        sign
        and (opened or (len(word) > 2 and sign["sign"].strip("] ") != ""))
        and proper(word, start, sign, folded, definitions)
    ):
        return labelled(begin, sign.end(), role, slot, unit["unit"] if unit else "")
    if spaced(start, word, slot, folded, definitions) or (opened and comma_separated(word, slot, behind, folded, g)):
        return labelled(start, behind + 1, role, slot, "")
    named_alone = (word in g.bare or len(word) > 1) and alone(folded, start, behind)
    if opened and (named_alone or heads_label(slot, end, folded, g)):
        return labelled(start, behind, role, slot, unit["unit"] if unit else "")
    sentence = word.isascii() and " " not in word  # a single English word without a sign is part of a sentence
    named = opened and slot in ("party", "either") and names_person(folded[end : end + 24].lstrip(), definitions)
    paper = opened and word in definitions.of("numbered_papers") and PAPER_BEHIND.match(folded, end)
    numbered = paper or (slot == "phone" and g.number.match(folded, end))
    bare = (opened and word in g.bare) or word in g.glue or named or numbered
    fits = paper or slot == "phone" or not sentence
    return bare_label(start, word, folded, g, definitions) if bare and fits else None


def heads_label(slot: str, end: int, folded: str, g: Grammar) -> bool:
    """Whether a heading such as "sender's details" stands before a label of one of them, with only a space between."""
    if slot != "party_phone" or folded[end : end + 1] != " ":
        return False
    return g.words.get(word_at(folded, end + 1, g), ("", ""))[0] == "current"


def is_unit(start: int, end: int, folded: str) -> bool:
    """Whether a word is the unit of the figure before it, and no label with a figure of its own behind a colon."""
    before = folded[max(0, start - 2) : start]
    apart = before.endswith(" ") and FIGURE_ANNOUNCED.match(folded, end)
    return before.rstrip(" ")[-1:].isdigit() and not apart


def heads_mail(end: int, folded: str, definitions: Definitions) -> bool:
    """Whether a word such as "from" heads a mail that is told of: an address stands in its line, or a date below it."""
    line, _, below = folded[end : end + MAX_LINE].partition("\n")
    return "@" in line or below.lstrip(" *>").startswith(definitions.of("mail_heads_below"))


def qualified(start: int, folded: str, g: Grammar) -> int:
    """Where a label begins before which its line says more closely whose it is: the final, the actual one."""
    if start == 0 or folded[start - 1] in OPENERS:
        return start
    found = g.qualifier.search(folded, max(0, start - MAX_QUALIFIER), start)
    return found.start(1) if found else start


def spaced(start: int, word: str, slot: str, folded: str, definitions: Definitions) -> bool:
    """Whether a single sign heads a line before a gap and what it announces, as people write who save colons."""
    end = start + 1
    if len(word) > 1 or word.isascii() or folded[end : end + 1] not in (" ", "\t") or not heads_line(folded, start):
        return False
    line = folded[end : end + MAX_LINE].split("\n", 1)[0].strip()
    if slot == "address":
        return places.looks_like_address(phrase_of(line), definitions)
    if slot in ("party", "either"):
        return PHONE_WITHIN.search(line) is not None
    return slot == "place" and places.town_end(line, definitions) is not None


def heads_line(folded: str, start: int) -> bool:
    """Whether only signs stand before a place in its line."""
    return not folded[folded.rfind("\n", 0, start) + 1 : start].strip(" \t*-.")


def comma_separated(word: str, slot: str, end: int, folded: str, g: Grammar) -> bool:
    """Whether a comma stands where a colon should, as dictation and some keyboards have it."""
    if (
        word.isascii()
        or word not in g.bare
        or folded[end : end + 1] != ","
        or (slot in ("address", "place") and len(word) < 4)
    ):
        return False
    following = folded[end + 1 : end + 12].lstrip()
    return bool(following) and following[0] not in "\n,;" and word_at(following, 0, g) not in g.bare


def labelled(start: int, end: int, role: str, slot: str, unit: str) -> Item:
    """A sure label."""
    return Item(Kind.LABEL, start, end, Meaning(role, slot, True, unit), f"label.{role}.{slot}")


def behind_twin(word: str, end: int, folded: str, g: Grammar) -> int:
    """Where a label ends that is said again in the other language, or joined with another: name and phone."""
    if folded[end : end + 1] in LABEL_ENDS:
        return end
    gap, joined = TWIN_GAP.match(folded, end), JOINED.match(folded, end)
    if joined and (
        (further := word_at(folded, joined.end(), g)) in g.words or (further := g.tail(folded, joined.end()))
    ):
        behind = joined.end() + len(further)
        return behind if TWIN_END.match(folded, behind) else behind_twin(further, behind, folded, g)
    if gap is None:
        return end
    twin = word_at(folded, gap.end(), g)
    if not twin or twin.isascii() == word.isascii() or twin not in g.words:
        return end
    behind = gap.end() + len(twin)
    closed = folded.startswith(")", behind)
    return behind + closed if TWIN_END.match(folded, behind + closed) else end


def behind_ordinal(slot: str, end: int, folded: str) -> int:
    """Where a label of goods ends that is numbered: goods one, goods two."""
    found = ORDINAL.match(folded, end) if slot in NUMBERED_SLOTS else None
    return found.end() if found else end


def proper(word: str, start: int, sign: re.Match[str], folded: str, definitions: Definitions) -> bool:
    """Whether the separator may stand behind the word: short words need a sign, not a verb.

    A town may begin with a word that no label stands before (无锡).
    """
    g = grammar(definitions)
    spelt = sign["sign"].strip()
    if spelt[:1] and spelt[0] not in ":=|]" and not spelt.isascii():
        behind = folded[sign.end() : sign.end() + MAX_TOWN]
        barred = g.not_behind.match(behind) and not places.begins_with_place(behind, definitions)
        return (word in g.bare or len(word) > 2) and not barred
    if spelt == "]":
        return folded.rfind("[", max(0, start - 3), sign.start()) >= 0
    return True


def words_of(plain: str, definitions: Definitions) -> tuple[str, str] | None:
    """Role and slot of a word that is a label."""
    return grammar(definitions).words.get(plain)


def alone(folded: str, start: int, end: int) -> bool:
    """Whether a label has a line of its own, so that its text is on the next."""
    before = folded.rfind("\n", 0, start) + 1
    after = folded.find("\n", end)
    after = len(folded) if after < 0 else after
    return (
        LINE_OPENING.match(folded[before:start]) is not None
        and not folded[end:after].strip(" \t:")
        and after < len(folded)
    )


def bare_label(start: int, word: str, folded: str, g: Grammar, definitions: Definitions) -> Item | None:
    """A label without separator, if what follows can be its text."""
    end = start + len(word)
    role, slot = g.words[word]
    following = folded[end : end + 60].split("\n", 1)[0]
    text = following.lstrip(" \t")
    if not text or text[0] in ",;。!?:)、":
        return None
    if slot == "address" and (lead := at(definitions).match(text)) and plausible(slot, text[lead.end() :], definitions):
        text = text[lead.end() :]
    elif g.not_behind.match(text) and not (slot == "party" and names_person(text, definitions)):
        return None
    if word in g.glue and not glued_well(start, word, folded, definitions):
        return None
    if not plausible(slot, text, definitions):
        return None
    if word in definitions.of("aimless") and not places.begins_with_place(text, definitions):
        return None
    skipped = len(following) - len(text)
    return Item(Kind.LABEL, start, end + skipped, Meaning(role, slot, False), f"cue.{role}.{slot}")


@lru_cache(maxsize=4)
def at(definitions: Definitions) -> re.Pattern[str]:
    """Words that say where something is."""
    return re.compile(alternation(definitions.of("at")))


def glued_well(start: int, word: str, folded: str, definitions: Definitions) -> bool:
    """Whether a cue inside a text is one: it opens a place, or stands at the head of an order."""
    _, slot = grammar(definitions).words[word]
    if slot == "place" and directed(folded[start + len(word) : start + len(word) + MAX_QUALIFIER], definitions):
        return False
    if slot == "place":
        return places.begins_with_place(folded[start + len(word) : start + 30].lstrip(' "'), definitions, weak=False)
    if any(folded.startswith(greeting, start) for greeting in definitions.of("greetings") if greeting.startswith(word)):
        return False  # whom one writes to: 客服你好
    if folded.startswith(definitions.of("site_parts"), start + len(word)):
        return False  # a gate or bay, named for what is done there
    return len(word) > 1 or start == 0 or folded[start - 1] in "]\n。;! "


def directed(text: str, definitions: Definitions) -> bool:
    """Whether a text begins with a point of the compass or the like and with no town: one goes on that way."""
    return text.startswith(definitions.of("directions")) and not places.begins_with_place(text, definitions)


def names_person(text: str, definitions: Definitions) -> bool:
    """Whether a text begins with a person, up to the next sign or digit."""
    piece = NAME.match(text)
    if piece is None:
        return False
    numbered = bool(PHONE_BEHIND.match(text, piece.end()))
    return parties.person_start(piece.group(), definitions) == 0 or (
        numbered and parties.is_person(piece.group(), definitions)
    )


def plausible(slot: str, text: str, definitions: Definitions) -> bool:
    """Whether a text can stand behind a bare label of a slot."""
    if slot == "address":
        return places.looks_like_address(phrase_of(text), definitions)
    if slot == "goods":
        return not prose.is_title(text.strip(prose.SIGNS), definitions)
    if slot == "phone":
        return bool(DIALLED.match(text)) or phones.spelt_run(definitions).match(text) is not None
    if slot in ("weight", "volume", "quantity", "net_weight"):
        return bool(FIGURE_BEHIND.match(text))
    if slot.startswith("reference") or slot == "serial":
        return bool(NUMBER_BEHIND.match(text))
    return True


def phrase_of(text: str) -> str:
    """The text up to the first sign that ends a phrase."""
    return PHRASE_END.split(text, maxsplit=1)[0]


def misspelt(folded: str, g: Grammar) -> Iterator[Item]:
    """Labels with one wrong character, or spaced out, at the head of a line and with a colon."""
    for match in SPACED_HEAD.finditer(folded):
        word = match[1].replace(" ", "")
        if word in g.words:
            yield labelled(match.start(1), match.end(), *g.words[word], "")
    for match in LINE_HEAD.finditer(folded):
        if match[1] not in g.words and (word := near(match[1], g)):
            yield Item(Kind.LABEL, match.start(1), match.end(), Meaning(*g.words[word]), "label.misspelt")


def misheard(folded: str, g: Grammar, definitions: Definitions) -> Iterator[Item]:
    """Labels with one wrong character at the head of a line, without a colon, where what they announce follows."""
    for match in SPOKEN_HEAD.finditer(folded):
        line, start = match[1], match.start(1)
        right = len(word_at(line, 0, g)) if not places.begins_with_place(line, definitions) else MAX_HEAD
        word = line[:right]
        if word in g.bare and g.words[word][1] != "address":
            continue
        if right and announced("address", line[right:], g, definitions):
            continue
        for length in range(MAX_HEAD, max(right, MIN_HEAD - 1), -1):
            behind = folded[start + length : match.end() + MAX_HEAD]
            meant = [m for m in sounding(line[:length], g) if announced(m[1], behind, g, definitions)]
            if len(meant) == 1:
                yield Item(Kind.LABEL, start, start + length, Meaning(*meant[0]), "label.misheard")
                break


def sounding(written: str, g: Grammar) -> set[tuple[str, str]]:
    """The parties and addresses whose labels differ from `written` in one character; none where it is a label."""
    gaps = (written[:place] + "\0" + written[place + 1 :] for place in range(len(written)))
    found = {g.words[word] for gapped in gaps for word in g.by_gap.get(gapped, ()) if word in g.bare}
    return set() if written in g.words else {m for m in found if m[1] in ("party", "address")}


def announced(slot: str, text: str, g: Grammar, definitions: Definitions) -> bool:
    """Whether a text is what a misheard label may announce: a person with his phone, or an address with its town."""
    if slot == "address":
        return places.begins_with_place(text, definitions) and places.looks_like_address(phrase_of(text), definitions)
    return any(parties.is_bare_person(text[:n], definitions) and dials(text[n:], g) for n in (4, 3, 2))


def dials(text: str, g: Grammar) -> bool:
    """Whether a text begins with a number or a label of one."""
    word = word_at(text, 0, g)
    return DIALLED.match(text) is not None or (bool(word) and g.words.get(word, ("", ""))[1] == "phone")


def near(written: str, g: Grammar) -> str | None:
    """The one label that differs from `written` in one character, None where none or several meanings do."""
    if written.isascii():
        return None
    gaps = (written[:place] + "\0" + written[place + 1 :] for place in range(len(written)))
    found = {word for gapped in gaps for word in g.by_gap.get(gapped, ())}
    if not found or len({g.words[w] for w in found}) > 1:
        return None
    return found.pop()
