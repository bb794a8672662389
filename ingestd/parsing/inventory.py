"""The definition files one by one: what each holds, and everything that is wrong in them, not only the first fault."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingestd.parsing import definitions as blocks
from ingestd.parsing.definitions import DefinitionError

COUNTS = ("package", "pallet", "piece")
COUNTED = ("label", "unit", "choice", "cue", "words", "layout", "learned", "sample")
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FileCount:
    """A definition file with what it holds; `replaces` says that a shipped file of its name does not count."""

    name: str
    path: Path
    of_site: bool
    replaces: bool
    counts: Mapping[str, int]


def files_of(folders: Sequence[Path]) -> Iterator[tuple[Path, bool, bool]]:
    """Each file that counts, whether it is the site's, and whether it replaces a shipped one; the last is shipped."""
    found = {path.name: path for folder in reversed(folders) for path in sorted(folder.glob("*.toml"))}
    shipped = {path.name for path in folders[-1].glob("*.toml")}
    for name in sorted(found):
        of_site = found[name].parent != folders[-1]
        yield found[name], of_site, of_site and name in shipped


def file_counts(folders: Sequence[Path]) -> list[FileCount]:
    """Every file with the number of its blocks, and of its words under `[words]`; raises DefinitionError."""
    return [
        FileCount(path.name, path, of_site, replaces, counts_of(blocks.parsed(path.name, path.read_bytes())))
        for path, of_site, replaces in files_of(folders)
    ]


def counts_of(table: Mapping[str, Any]) -> dict[str, int]:
    """How many entries a file has under each of the blocks that are counted."""
    words = table.get("words", {}).values()
    listed = sum(1 if isinstance(value, str) else len(value) for value in words)
    weights = sum(len(table.get(key, {}).get("rows", ())) for key in ("learned", "spans"))
    within = {"words": listed, "learned": weights}
    return {key: within.get(key, len(table.get(key, ()))) for key in COUNTED}


# --- faults -----------------------------------------------------------------------------------------------------------


def faults(folders: Sequence[Path]) -> Iterator[str]:
    """Everything that is wrong in the files, each with file, block and key, and what would be right."""
    tables: dict[str, dict[str, Any]] = {}
    for path, _, _ in files_of(folders):
        try:
            tables[path.name] = tomllib.loads(path.read_bytes().decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            yield f"{path.name}: not readable as TOML in UTF-8: {error}"
    if not tables:
        yield f"no parser definitions (*.toml) in {', '.join(map(str, folders))}"
    found = [fault for name, table in tables.items() for fault in faults_of_file(name, table)]
    found = found or list(twice(tables))  # looked for in what is sound by itself
    yield from found or fault_of(lambda: blocks.assembled(tables, ""))


def faults_of_file(name: str, table: dict[str, Any]) -> Iterator[str]:
    """What is wrong in one file, block by block."""
    for key in table:
        yield from fault_of(partial(blocks.check_keys, name, "the file", {key: None}, blocks.TOP_LEVEL))
    for key, make in MADE.items():
        entries = table.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            yield f"{name}: '{key}' must be written as [[{key}]] blocks"
            continue
        for number, entry in enumerate(entries, 1):
            yield from fault_of(partial(make, name, f"[[{key}]] number {number}", entry))
    for whole in (partial(blocks.merged_words, {name: table}), partial(tuple, blocks.numerals(name, table))):
        yield from fault_of(whole)


MADE: Mapping[str, Callable[[str, str, dict[str, Any]], object]] = {
    "label": blocks.label,
    "unit": blocks.unit,
    "choice": blocks.choice,
    "cue": blocks.cue,
    "sample": blocks.sample,
}


def fault_of(attempt: Callable[[], object]) -> Iterator[str]:
    """What an attempt is refused for; nothing where it succeeds."""
    try:
        attempt()
    except DefinitionError as error:
        yield str(error)


def twice(tables: Tables) -> Iterator[str]:
    """Labels, units and choices whose words stand in two tables with two meanings."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for name, table in tables.items():
        for about, word, meaning in meanings(table):
            other, file = seen.setdefault((about, word), (meaning, name))
            if other != meaning:
                yield f"{name}: {about} '{word}' is {meaning} here and {other} in {file}; keep it in one of them"


def meanings(table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each word of a file's labels, units and choices: what it is a word of, the word, and its meaning."""
    for entry in table.get("label", []):
        for word in (*entry.get("words", []), *entry.get("bare", [])):
            yield "label", word, f"{entry['role']}.{entry['slot']}"
    for entry in table.get("unit", []):
        kind = "a count" if entry["kind"] in COUNTS else entry["kind"]  # a pallet is a package, too
        for word in entry.get("words", []):
            yield "unit", word, f"{kind} times {entry.get('factor', 1)}"
    for entry in table.get("choice", []):
        for phrase in entry.get("phrases", []):
            yield entry["field"], phrase, entry["value"]
