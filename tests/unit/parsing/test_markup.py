"""HTML as clients and systems make it: nested and transposed tables, hidden and struck-out text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingestd.domain.reading import Reading
from ingestd.parsing import markup
from tests.unit.parsing.mails import HEAD, ORDER, ROW, SECOND, is_the_order, mail, targets

Email = Callable[[bytes], Reading]
LINES = ORDER.strip().split("\n")
PAIRS = [tuple(line.split("：")) for line in LINES]


WORD_CELL = "<td><p class=MsoNormal><span lang=ZH-CN>{}<o:p></o:p></span></p></td>"


def table(rows: Sequence[Sequence[object]]) -> str:
    """A table as Word makes it."""
    lines = ("".join(WORD_CELL.format(cell) for cell in row) for row in rows)
    return "<table border=1>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def of_html(body: str) -> bytes:
    """A mail in HTML."""
    return mail(body.encode(), "text/html; charset=utf-8")


WIDE = [(*PAIRS[0], *PAIRS[1]), (*PAIRS[2],), (*PAIRS[3],), (*PAIRS[4], *PAIRS[5]), (*PAIRS[6], *PAIRS[7])]
FRAME = "<table width=600><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>"
PAGES = {
    "label and value": table(PAIRS),
    "on its side": table(list(zip(*PAIRS, strict=True))),
    "head and row": table([HEAD, ROW]),
    "head in th": table([HEAD, ROW]).replace("<td>", "<th>", 11).replace("</td>", "</th>", 11),
    "four columns": table(WIDE),
    "in layout tables": FRAME.format("<p>您好：</p>" + table(PAIRS) + "<p>谢谢</p>"),
    "in three layout tables": FRAME.format(FRAME.format(FRAME.format(table([HEAD, ROW])))),
    "with caption and columns": table([HEAD, ROW]).replace(
        "<table border=1>", "<table><caption>发货单</caption><colgroup><col><col></colgroup><tbody>"
    ),
    "under a title": table([HEAD, ROW]).replace("<tr>", "<tr><td colspan=11>托运单</td></tr><tr>", 1),
    "line breaks in a cell": f"<table><tr><td>{'<br>'.join(LINES)}</td></tr></table>",
    "blocks": "".join(f"<div><b>{a}：</b><span>{b}</span></div>" for a, b in PAIRS),
    "breaks": "<br/>".join(LINES),
    "preformatted": f"<pre>{ORDER}</pre>",
    "list": "<ul>" + "".join(f"<li>{line}</li>" for line in LINES) + "</ul>",
    "definitions": "<dl>" + "".join(f"<dt>{a}：</dt><dd>{b}</dd>" for a, b in PAIRS) + "</dl>",
    "no tags closed": "<table>" + "".join(f"<tr><td>{a}<td>{b}" for a, b in PAIRS),
    "entities": "<br>".join("".join(f"&#{ord(c)};" if ord(c) > 127 else c for c in line) for line in LINES),
    "comments for Word": "<!--[if mso]><p>收货人：别人</p><![endif]-->" + "<br>".join(LINES),
    "style": "<style>p:before{content:'收货人：别人'}</style>" + "<br>".join(LINES),
    "script": "<script>var a='收货人：别人'</script>" + "<br>".join(LINES),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_an_order_in_html_is_read(name: str, email: Email) -> None:
    assert is_the_order(email(of_html(f"<html><body>{PAGES[name]}</body></html>")))


OTHER = "货物：配件 90台 收货人：别人 13900000000"
UNSEEN = {
    "display": f"<div style='display:none'>{OTHER}</div>",
    "display, important": f"<div style='DISPLAY : none !important'>{OTHER}</div>",
    "visibility": f"<span style='visibility:hidden'>{OTHER}</span>",
    "no size": f"<span style='font-size:0;line-height:0'>{OTHER}</span>",
    "for Word": f"<span style='mso-hide:all'>{OTHER}</span>",
    "attribute": f"<div hidden>{OTHER}</div>",
    "class": f"<style>.preheader {{ display:none !important; }}</style><div class='big preheader'>{OTHER}</div>",
    "struck": f"<s>{OTHER}</s>",
    "strike": f"<strike>{OTHER}</strike>",
    "deleted": f"<del>{OTHER}</del>",
    "line-through": f"<span style='text-decoration: line-through'>{OTHER}</span>",
    "line-through by line": f"<span style='text-decoration-line: line-through'>{OTHER}</span>",
    "struck inside": f"<s><font color=red><b>{OTHER}</b></font></s>",
    "class that strikes": f"<style>b{{}} .old{{text-decoration:line-through}}</style><p class=old>{OTHER}</p>",
    "transparent": f"<div style='opacity:0'>{OTHER}</div>",
    "no height": f"<div style='max-height:0;overflow:hidden'>{OTHER}</div>",
    "alternative text": f"<img src='cid:a' alt='{OTHER}' title='{OTHER}'>",
    "title": f"<title>{OTHER}</title>",
    "template": f"<template>{OTHER}</template>",
    "field": f"<input type=hidden value='{OTHER}'>",
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_sees_is_not_read(name: str, email: Email) -> None:
    page = f"<html><body>{UNSEEN[name]}" + "".join(f"<p>{line}</p>" for line in LINES) + "</body></html>"
    assert is_the_order(email(of_html(page)))


@pytest.mark.parametrize("cell", ["<s>{}</s>", "<span style='text-decoration:line-through'>{}</span>", "<del>{}</del>"])
def test_a_row_that_is_struck_out_is_no_order(cell: str, email: Email) -> None:
    struck = [cell.format(c) for c in SECOND]
    assert is_the_order(email(of_html(table([HEAD, struck, ROW]))))
    assert targets(email(of_html(table([HEAD, ROW, SECOND])))) == [("衡阳", 28), ("义乌", 12)]


def test_a_row_that_is_hidden_is_no_order(email: Email) -> None:
    page = table([HEAD, ROW, SECOND])
    at = page.rindex("<tr>")
    assert is_the_order(email(of_html(page[:at] + "<tr style='display:none'>" + page[at + 4 :])))


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>a<br>b</p>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ("<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\na\tc"),
        ("<table><tr><td colspan=2>a</td><td>b</td></tr></table>", "a\t\tb"),
        ("a&nbsp;b", "a b"),
        ("<td>a", "a"),
        ("", ""),
        ("<s>a</s>", ""),
    ],
)
def test_html_as_lines(html: str, lines: str) -> None:
    assert "\n".join(line for line in markup.lines_of(html).split("\n") if line.strip()) == lines


ON_SHADE = {
    "in a shaded cell": "<table><tr><td style='background:#1f4e78;color:#fff'>{}</td></tr></table>",
    "in a shaded row": "<table><tr bgcolor='#1f4e78'><td><font color=white>{}</font></td></tr></table>",
    "shaded by a class": "<style>.x{{background:#036}}</style><p class=x><span style='color:#FFFFFF'>{}</span></p>",
    "white around black": "<div style='color:white'><p><span style='color:#000'>{}</span></p></div>",
    "nearly white": "<div style='color:#fffaf0'>{}</div>",
}  # fmt: skip
ON_WHITE = {
    "by style": "<div style='margin:0; color : #FFF'>{}</div>",
    "by name": "<p style='color:white !important'><b>{}</b></p>",
    "by figures": "<span style='color:rgb(255, 255,255)'>{}</span>",
    "by a font": "<font color='#ffffff'>{}</font>",
    "on white": "<table bgcolor=''><tr><td style='background-color:#ffffff;color:#ffffff'>{}</td></tr></table>",
}


@pytest.mark.parametrize("name", ON_SHADE)
def test_white_words_on_a_shaded_ground_are_read(name: str) -> None:
    assert "收货人" in markup.lines_of(f"<html><body>{ON_SHADE[name].format('收货人')}</body></html>")


@pytest.mark.parametrize("name", ON_WHITE)
def test_white_words_on_a_white_ground_are_not(name: str, email: Email) -> None:
    page = (
        f"<html><body>{ON_WHITE[name].format(OTHER)}" + "".join(f"<p>{line}</p>" for line in LINES) + "</body></html>"
    )
    assert is_the_order(email(of_html(page)))
