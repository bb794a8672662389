"""A site's own templates: found first, tried at the start, and named with file and line where they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.composing.composer import Composer
from ingestd.composing.wording import BrokenTemplateError
from ingestd.config.settings import Site, WorkOrderSms
from tests.unit.composing.orders import EXAMPLE, TEMPLATES, view


def with_own(folder: Path, name: str, text: str) -> Composer:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return Composer([folder, TEMPLATES], Site(signature="顺驰物流"), WorkOrderSms())


def test_a_site_overrides_file_by_file(tmp_path: Path) -> None:
    composer = with_own(tmp_path, "acknowledgement/email.zh.txt.j2", "受理 {{ serial }}\n\n本站自己的话\n")
    letter = composer.acknowledgement(view(EXAMPLE), "zh")
    assert (letter.subject, letter.text) == ("受理 260310221", "本站自己的话\n")
    assert "汽配城A12栋" in (letter.html or "")


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("work_order/email.zh.txt.j2", "主题\n\n{% if serial %}\n", 3, "endif"),
        ("work_order/email.zh.txt.j2", "主题\n\n{{ serail }}\n", 3, "serail"),
        ("work_order/email.en.html.j2", "{{ serial }}\n{{ serial | nofilter }}\n", 2, "nofilter"),
        ("order.zh.html.j2", "<p>\n{{ pickup_adress }}\n", 2, "pickup_adress"),
        ("order.zh.html.j2", "<p>\n{% for %}\n", 2, "expression"),
        ("question/sms.zh.txt.j2", "{{ serial }}\n{% for a, b in problems %}{{ a }}{% endfor %}\n", 2, "unpack"),
        ("alarm/sms.en.txt.j2", "{{ what.__class__.__mro__ }}\n", 1, "unsafe"),
    ],
)
def test_a_broken_template_is_named_with_file_and_line(
    tmp_path: Path, name: str, text: str, line: int, reason: str
) -> None:
    with pytest.raises(BrokenTemplateError, match=reason) as caught:
        with_own(tmp_path, name, text)
    assert caught.value.file == str(tmp_path / name)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("labels.zh.toml", "[time]", "[tyme]", "time"),
        ("labels.zh.toml", "[phone]", "[phone", "line 3"),
        ("work_order/sms.zh.toml", '"amount",', "", "amount"),
        ("work_order/sms.zh.toml", '"labels", "consignee"', '"lables", "consignee"', "lables"),
        ("work_order/sms.zh.toml", "joint =", "jiont =", "joint"),
    ],
)
def test_a_broken_wording_file_is_named(tmp_path: Path, name: str, old: str, new: str, reason: str) -> None:
    ours = (TEMPLATES / name).read_text("utf-8")
    assert old in ours
    with pytest.raises(BrokenTemplateError, match=reason) as caught:
        with_own(tmp_path, name, ours.replace(old, new, 1))
    assert Path(name).name.split(".")[0] in caught.value.file


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenTemplateError, match="not found"):
        Composer([tmp_path], Site(), WorkOrderSms())


def test_every_template_that_ships_has_both_languages() -> None:
    names = {p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*") if p.suffix in (".j2", ".toml")}
    chinese = {name for name in names if ".zh." in name}
    assert {name.replace(".zh.", ".en.") for name in chinese} == {name for name in names if ".en." in name}
