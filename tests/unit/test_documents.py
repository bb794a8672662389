"""The documents name what there is: files, commands, options, states, events, names in the code."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.main import get_command

from ingestd.checks.rules import RULES
from ingestd.cli.main import COMMANDS, GROUPS, answer, app
from ingestd.cli.samples import broken_samples
from ingestd.composing.composer import PURPOSES, Composer
from ingestd.composing.facts import Teller
from ingestd.composing.sample import FULL_ORDER
from ingestd.composing.wording import Wording
from ingestd.config.load import TABLE_FILES
from ingestd.config.settings import Settings, Site, WorkOrderSms
from ingestd.domain.message import MESSAGE_MOVES
from ingestd.domain.order import ORDER_MOVES
from ingestd.domain.sending import SENDING_MOVES, Outcome
from ingestd.parsing.definitions import CHOICES, PLACES, ROLES, SLOTS, TOP_LEVEL, UNIT_KINDS, load_definitions
from ingestd.parsing.items import Kind
from ingestd.parsing.scanning import scan
from ingestd.parsing.text import fold

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LATER = {"bench.md"}  # its own test looks after it
TOP_FOLDERS = ("ingestd/", "parsers/", "templates/", "config/", "systemd/", "tests/", "docs/", "scripts/")
SITE_FILES = {*TABLE_FILES, "ingestd.toml", "own.toml", "yuanda.toml"}
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")

documents = pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.name not in LATER], ids=lambda d: d.name)


def prose(document: Path) -> str:
    """A document without its blocks of code."""
    return BLOCK.sub("", document.read_text("utf-8"))


def spans(document: Path) -> list[str]:
    """What stands between backticks in running text."""
    return SPAN.findall(prose(document))


def blocks(document: Path, kind: str) -> list[str]:
    """The blocks of code of a kind."""
    return [found["text"] for found in BLOCK.finditer(document.read_text("utf-8")) if found["kind"] == kind]


@cache
def sources() -> Mapping[Path, str]:
    """All Python of the package."""
    return {path: path.read_text("utf-8") for path in sorted((ROOT / "ingestd").rglob("*.py"))}


@cache
def logged() -> frozenset[str]:
    """All events of the log."""
    trees = (ast.parse(text) for path, text in sources().items() if path.name != "event.py")
    return frozenset(event for tree in trees for event in events(tree))


@cache
def failpoints() -> frozenset[str]:
    """All points where a test may kill the daemon."""
    return frozenset(re.findall(r'failpoint\("([a-z0-9_.]+)"\)', "\n".join(sources().values())))


def called(function: ast.expr) -> str:
    """The name by which a function or method is called."""
    return getattr(function, "id", getattr(function, "attr", ""))


def events(tree: ast.AST) -> Iterator[str]:
    """The events that a module logs; one made of "sending." and an outcome is one for each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and called(node.func) in ("log", "_log"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif isinstance(first, ast.BinOp) and isinstance(first.left, ast.Constant):
                yield from (f"{first.left.value!s}{outcome}" for outcome in Outcome)


# --- files ------------------------------------------------------------------------------------------------------------


@documents
def test_a_path_in_backticks_is_one_of_ours(document: Path) -> None:
    paths = [s for s in spans(document) if s.startswith(TOP_FOLDERS) or re.fullmatch(r"[\w.-]+\.(md|toml|lock)", s)]
    missing = [s for s in paths if not any(ROOT.glob(s.rstrip("/"))) and s not in SITE_FILES]
    assert missing == []


def test_every_document_is_named_by_another_one() -> None:
    named = {s for document in DOCUMENTS for s in spans(document)}
    pages = {str(d.relative_to(ROOT)) for d in DOCUMENTS if d.parent == ROOT / "docs" and d.name not in LATER}
    assert pages - named == set()


# --- commands and options ---------------------------------------------------------------------------------------------


def commands(text: str) -> Iterator[str]:
    """Calls of ingestd in a text."""
    for found in re.finditer(r"(?:^|\s)ingestd((?: [^`|>&;#\n]+)?)", text, re.MULTILINE):
        yield found[1].strip()


def written_commands(document: Path) -> list[str]:
    """Calls of ingestd in backticks and in blocks of shell."""
    short = [c for s in spans(document) if s.startswith("ingestd ") for c in commands(s)]
    lines = (line for b in blocks(document, "sh") for line in b.splitlines() if line.startswith("ingestd "))
    return short + [c for line in lines for c in commands(line)]


def fault_in(command: str) -> str | None:
    """What is wrong with a call, None where it exists with its options."""
    words = [w for w in command.split() if not w.startswith(("'", '"'))]
    verbs = [w for w in words if not w.startswith("-")]
    at = get_command(app)
    if verbs and verbs[0] in GROUPS:
        at = at.commands[verbs[0]]  # type: ignore[attr-defined]
        verbs = verbs[1:]
        if not verbs:
            return None
    if verbs and verbs[0] not in at.commands and verbs[0] != "PATH":  # type: ignore[attr-defined]
        return f"no command {verbs[0]}"
    inner = at.commands.get(verbs[0]) if verbs else None  # type: ignore[attr-defined]
    known = {o for c in (get_command(app), at, inner) if c for p in c.params for o in p.opts} | {"--help"}
    unknown = [w for w in words if w.startswith("--") and w not in known]
    return f"no option {unknown[0]}" if unknown else None


@documents
def test_a_command_in_a_document_exists_with_its_options(document: Path) -> None:
    assert {c: fault for c in written_commands(document) if (fault := fault_in(c))} == {}


def test_a_wrong_command_would_be_found() -> None:
    assert fault_in("outbox burn") == "no command burn"
    assert fault_in("polish") == "no command polish"
    assert fault_in("status --yaml") == "no option --yaml"
    assert fault_in("outbox list --state due") is None


def test_every_command_is_told_of_somewhere() -> None:
    told = " ".join(c for document in DOCUMENTS for c in written_commands(document)) + " run "
    everything = [*COMMANDS, *(f"{group} {verb}" for group, verbs in GROUPS.items() for verb in verbs)]
    assert [c for c in everything if c not in told] == []


@documents
def test_a_make_target_in_a_document_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = "\n".join([*spans(document), *blocks(document, "sh")])
    assert set(re.findall(r"^make (\w+)", text, re.MULTILINE)) <= targets


@documents
def test_an_option_in_a_document_exists(document: Path) -> None:
    others = logged() | failpoints() | {kind for kinds in PURPOSES.values() for kind in kinds}
    wrong = []
    for name in spans(document):
        section, dot, key = name.partition(".")
        if dot and section in Settings.model_fields and re.fullmatch(r"[a-z_]+", key) and name not in others:
            model = Settings.model_fields[section].annotation
            if key not in getattr(model, "model_fields", {key: None}):
                wrong.append(name)
    assert wrong == []


# --- names in the code ------------------------------------------------------------------------------------------------


@documents
def test_a_function_or_class_in_a_document_exists(document: Path) -> None:
    text = "\n".join(sources().values())
    names = {s for s in spans(document) if re.fullmatch(r"[a-z_]+\(\)|[A-Z][a-z]+(?:[A-Z][a-z]+)+", s)}
    lost = {n for n in names if not re.search(rf"(?:def|class) {re.escape(n.removesuffix('()'))}\b", text)}
    assert lost == set()


@pytest.mark.parametrize(
    ("heading", "moves"), [("Messages", MESSAGE_MOVES), ("Sendings", SENDING_MOVES), ("Orders", ORDER_MOVES)]
)
def test_flow_shows_the_moves_of_the_code(heading: str, moves: Mapping[str, frozenset[str]]) -> None:
    section = prose(ROOT / "docs" / "flow.md").partition(f"### {heading}\n")[2].partition("\n#")[0]
    rows = [SPAN.findall(line) for line in section.splitlines() if line.startswith("| `")]
    assert {row[0]: set(row[1:]) for row in rows} == {str(a): {str(b) for b in to} for a, to in moves.items() if to}


def test_the_drawing_of_an_orders_life_shows_each_state() -> None:
    drawing = blocks(ROOT / "docs" / "life.md", "")[0]
    assert {str(state) for state in ORDER_MOVES} <= set(re.findall(r"[a-z_]+", drawing))


def test_checks_tells_of_every_rule_and_its_default() -> None:
    rows = [SPAN.findall(line) for line in prose(ROOT / "docs" / "checks.md").splitlines() if line.startswith("| `")]
    assert [tuple(row[:2]) for row in rows] == [(rule.__name__, str(finding)) for rule, finding in RULES]


def test_flow_tells_of_every_failpoint() -> None:
    section = prose(ROOT / "docs" / "flow.md").partition("## What a crash leaves")[2].partition("\n## ")[0]
    told = {SPAN.findall(line)[0] for line in section.splitlines() if line.startswith("| `")}
    assert told == failpoints()


def test_flow_tells_of_every_outcome() -> None:
    section = prose(ROOT / "docs" / "flow.md").partition("## 4. Send")[2].partition("\n## ")[0]
    told = {SPAN.findall(line)[0] for line in section.splitlines() if line.startswith("| `")}
    assert told == {str(outcome) for outcome in Outcome}


def test_operations_lists_every_event_of_the_log_and_no_other() -> None:
    section = prose(ROOT / "docs" / "operations.md").partition("## The log")[2].partition("\n## ")[0]
    told = {SPAN.findall(line)[0] for line in section.splitlines() if line.startswith("| `")}
    assert told == logged()


def alarm_kinds(tree: ast.AST) -> Iterator[str]:
    """The kinds of trouble and alarms that a module names by word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node.func) in ("trouble", "_troubled", "open_alarm"):
            words = (a.value for a in node.args if isinstance(a, ast.Constant))
            yield from (w for w in words if isinstance(w, str) and re.fullmatch("[a-z]+", w))  # kinds are single words


def test_operations_says_what_to_do_for_every_kind_of_alarm() -> None:
    kinds = {kind for text in sources().values() for kind in alarm_kinds(ast.parse(text))}
    section = prose(ROOT / "docs" / "operations.md").partition("## Alarms")[2].partition("\n## ")[0]
    told = {s for line in section.splitlines() for s in SPAN.findall(line)}
    assert kinds > {"refused", "bounced", "uncertain", "loop", "channel", "disk"}
    assert kinds - told == set()


# --- the walk through the reader --------------------------------------------------------------------------------------


def test_the_walk_shows_what_explain_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr("ingestd.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    walk = ROOT / "docs" / "reading.md"
    (mail,) = blocks(walk, "eml")
    (tmp_path / "mail.eml").write_text(mail, "utf-8")
    assert answer(["explain", str(tmp_path / "mail.eml")]) == 0
    printed = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    lines = "\n".join(line.rstrip() for line in printed.splitlines())
    assert [text for text in blocks(walk, "text") if text.strip() not in lines] == []


def test_the_walk_shows_the_items_of_a_line() -> None:
    walk = ROOT / "docs" / "reading.md"
    (shown,) = blocks(walk, "items")
    definitions = load_definitions([ROOT / "parsers"])
    line = next(line for line in blocks(walk, "eml")[0].splitlines() if line.startswith("收货人"))
    text = fold(line, definitions)
    items = [i for i in scan(text, definitions) if i.kind is not Kind.BREAK]
    assert [row.split() for row in shown.splitlines()] == [
        [i.kind, text.shown[i.start : i.end], *([i.rule] if i.rule else [])] for i in items
    ]


# --- parsers and templates --------------------------------------------------------------------------------------------


def test_parsers_names_every_block_role_slot_unit_and_choice() -> None:
    told = set(spans(ROOT / "docs" / "parsers.md"))
    values = {str(v) for choices in CHOICES.values() for v in choices}
    plain = {*ROLES, *SLOTS, *UNIT_KINDS, *CHOICES, *PLACES} | values
    tables = {b for b in TOP_LEVEL if b != "about"}
    assert plain - told == set()
    assert tables == {s.strip("[]") for s in told if s.startswith("[")}


def test_every_list_of_words_is_used_somewhere() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "ingestd").rglob("*.py"))
    words = "\n".join(path.read_text("utf-8") for path in (ROOT / "parsers").glob("*.toml"))
    used = set(re.findall(r"[\"'](\w+)[\"']", code)) | set(re.findall(r"[\"<{|](\w+)[\">}|]", words))
    assert load_definitions([ROOT / "parsers"]).words.keys() - used == set()


@pytest.mark.parametrize(("number", "name"), [(0, "own.toml"), (1, "yuanda.toml")])
def test_the_examples_of_a_sites_own_files_are_read_as_they_say(number: int, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(blocks(ROOT / "docs" / "parsers.md", "toml")[number], "utf-8")
    definitions = load_definitions([tmp_path, ROOT / "parsers"])
    assert any(sample.file == name for sample in definitions.samples)
    assert [path for sample, path, _, _ in broken_samples(definitions) if sample.file == name] == []


def test_templates_names_every_purpose_with_its_files() -> None:
    section = prose(ROOT / "docs" / "templates.md").partition("## The files")[2].partition("\nA file is named")[0]
    rows = [SPAN.findall(line) for line in section.splitlines() if line.startswith("| `")]
    assert {row[0]: tuple(row[1:]) for row in rows} == {k: tuple(v) for k, v in PURPOSES.items()}


def test_templates_names_everything_that_a_letter_about_an_order_is_told() -> None:
    told = set(spans(ROOT / "docs" / "templates.md"))
    facts = Teller(Wording([ROOT / "templates"], "zh", ZoneInfo("Asia/Shanghai"))).facts(FULL_ORDER)
    assert facts.keys() - told == set()


def test_the_example_of_a_sites_own_template_is_used(tmp_path: Path) -> None:
    (own,) = blocks(ROOT / "docs" / "templates.md", "jinja")
    file = tmp_path / "acknowledgement" / "sms.zh.txt.j2"
    file.parent.mkdir()
    file.write_text(own, "utf-8")
    site = Site(signature="顺驰物流", phone="0755-1234")
    composer = Composer([tmp_path, ROOT / "templates"], site, WorkOrderSms())
    (part,) = composer.acknowledgement_sms(FULL_ORDER, "zh").parts
    assert part.startswith(f"【顺驰物流】{FULL_ORDER.serial}已受理，")
    assert part.endswith("或致电0755-1234。")


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_the_glossary_has_one_line_for_each_term() -> None:
    lines = [line for line in prose(ROOT / "docs" / "glossary.md").splitlines() if line.startswith("| ")]
    terms = [line.split("|")[1].strip() for line in lines[1:]]
    assert len(terms) == len(set(terms)) > 30


def test_the_changelog_speaks_of_the_version_that_is_next() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"To become {project['version']}." in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_decisions_are_numbered_one_by_one() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    titles = [record.read_text("utf-8").partition(".")[0] for record in records]
    assert [record.name[:4] for record in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    assert titles == [f"# {n}" for n in range(1, len(records) + 1)]
