"""A configuration that can't be used says which file, which key and what would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestd.config.load import ConfigurationError, load, secret_of
from ingestd.config.settings import Mode
from ingestd.config.shipped import search_path, shipped

Write = Callable[..., Path]
LI = "[[staff]]\nnumber='8011'\nname='李'\nrole='dispatcher'\nemail='li@x.example'"
AUDIT = "[audit]\nhost='mail.x.example'\nusername='audit'\n"
LANE = "[[lane]]\nto=['浙江省']\nper_kg=1\nper_m3=200\ndays=2\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def files(ingestd: str = "", **tables: str) -> Path:
        for name in ("customers", "staff", "areas"):
            (tmp_path / f"{name}.toml").write_text(tables.get(name, ""), "utf-8")
        for name in {"checks", "goods", "tariff", "depots"} & tables.keys():
            (tmp_path / f"{name}.toml").write_text(tables[name], "utf-8")
        file = tmp_path / "ingestd.toml"
        file.write_text(ingestd, "utf-8")
        return file

    return files


def test_an_empty_file_is_all_defaults_with_the_shipped_checks(write: Write) -> None:
    configuration = load(write(), {})
    assert configuration.settings.site.mode is Mode.LIVE
    assert "再" in configuration.tables.words.again


def test_a_variable_overrides_the_file(write: Write) -> None:
    environment = {"INGESTD_SITE__MODE": "shadow", "INGESTD_INLET__PORT": "2526", "INGESTD_TEST": "1"}
    settings = load(write('[site]\nmode = "live"\nname = "顺驰"'), environment).settings
    assert (settings.site.mode, settings.site.name, settings.inlet.port) == (Mode.SHADOW, "顺驰", 2526)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\nnmae = 1", r"ingestd.toml: site.nmae: there is no such option"),
        ("[site]\ntimezone = 'Asia/Shangai'", r"site.timezone: 'Asia/Shangai' is no time zone; write one like"),
        ("[database]\nurl = 'mysql://x'", r"database.url: write sqlite:///PATH or postgresql"),
        ("[inlet]\nenabled = true", r"inlet: an enabled inlet needs addresses"),
        ("[outbox]\nlease = -1", r"outbox.lease"),
        ("[[imap]]\nname='a'\nhost='mail.x.example'\nsecurity='none'", r"in the clear; use .tls. or .starttls."),
        ("[[imap]]\nname='a'\nhost='h'\nstart='yesterday'", r"imap.0.start: write .now., .all. or a date"),
        ("[audit]\naddress='a@x.example'", r"audit: the copies are looked for by IMAP: write host and username"),
        ("[audit]\nhost='mail.x.example'", r"audit: without address no copy is sent"),
        (AUDIT + "address='Orders@Orders.example'", r"audit: orders come in at this address"),
        (AUDIT + "address='a@x.example'\n[inlet]\naddresses=['A@x.example']", r"audit: orders come in at this address"),
        (
            AUDIT + "address='a@x.example'\n[[imap]]\nname='o'\nhost='mail.X.example'\nusername='Audit'",
            r"audit: this is the order mailbox imap.o; the copies need one of their own",
        ),
        (AUDIT + "address='审计@x.example'", r"audit: the address of the copies must be plain ASCII"),
        (AUDIT + "address='a@x.example'\nfolders=[]", r"audit.folders"),
        ("[desk]\nclosures=['2027-13-01']", r"desk.closures: '2027-13-01': write a date"),
        ("[site\n", r"ingestd.toml: is no TOML: "),
    ],
)
def test_a_wrong_option_is_named_with_what_would_be_right(write: Write, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(write(text), {})


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {"staff": "[[staff]]\nnumber='8011'\nname='李'\nrole='dispatcher'"},
            "staff.toml: staff.0: .*neither email nor phone",
        ),
        (
            {"areas": "[[area]]\nname='城区'\nkind='urban'\ndispatcher='9999'"},
            "names staff 9999, who is not in staff.toml",
        ),
        (
            {"customers": "[[customer]]\nname='a'\ndomains=['x.example']\n" * 2},
            "customer domain x.example stands twice",
        ),
        (
            {"customers": "[[customer]]\nname='a'\ndomains=['x.example']\n[[customer]]\nname='a'"},
            "customer a stands twice",
        ),
        (
            {"areas": "[[area]]\nname='城区'\nkind='urban'\ndispatcher='8011'", "staff": LI},
            "area 城区 has no places, so no order is ever its",
        ),
        ({"tariff": LANE + LANE}, "lane to 浙江省 stands twice"),
        ({"depots": "[[depot]]\nname='萧山'\nplaces=['浙江省', '浙江省']"}, "depot place 浙江省 stands twice"),
        (
            {"goods": "harmless=['打火机']\n[[prohibited]]\nkind='x'\nnames=['打火机']"},
            "goods.toml: 打火机 are both prohibited and harmless",
        ),
        (
            {"goods": "[[prohibited]]\nkind='x'\nnames=['枪']\ndoubtful=['枪']"},
            "goods.toml: 枪 are both names of what is prohibited and doubtful",
        ),
        ({"areas": "[[customer]]\nname='a'", "customers": "[[customer]]\nname='a'"}, "customer stands in .* too"),
    ],
)
def test_tables_that_contradict_each_other_are_refused(write: Write, tables: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(write(**tables), {})


def test_all_faults_are_told_at_once(write: Write) -> None:
    with pytest.raises(ConfigurationError) as told:
        load(write("[site]\nnmae = 1\n[outbox]\nclaim = 0"), {})
    assert len(str(told.value).splitlines()) == 2


def test_a_wrong_password_value_is_not_repeated(write: Write) -> None:
    with pytest.raises(ConfigurationError) as told:
        load(write("[relay]\npassword = 123456"), {})
    assert "123456" not in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize(("environment", "folder"), [({}, "."), ({"CREDENTIALS_DIRECTORY": "CREDENTIALS"}, "secrets")])
def test_a_password_file_lies_in_systemds_credentials_or_beside_the_configuration(
    write: Write, environment: dict[str, str], folder: str
) -> None:
    file = write('[relay]\npassword_file = "relay"\n[[imap]]\nname = "a"\nhost = "h"\npassword_file = "/else/where"')
    place = file.parent / folder
    place.mkdir(exist_ok=True)
    (place / "relay").write_text(" päss\n", "utf-8")
    settings = load(file, {name: str(place) for name in environment}).settings
    assert secret_of(settings.relay) == " päss"
    with pytest.raises(ConfigurationError, match="password_file /else/where: can't be read"):
        secret_of(settings.imap[0])


def test_a_password_may_stand_in_the_file(write: Write) -> None:
    assert secret_of(load(write('[relay]\npassword = "secret"'), {}).settings.relay) == "secret"


def test_a_site_overrides_shipped_files(tmp_path: Path) -> None:
    assert search_path("parsers", tmp_path) == (shipped("parsers"),)
    (tmp_path / "parsers").mkdir()
    assert search_path("parsers", tmp_path) == (tmp_path / "parsers", shipped("parsers"))


def test_the_audit_mailbox_reads_its_password_where_the_others_do(write: Write, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("a code\n")
    settings = load(write(AUDIT + "address='a@x.example'\npassword_file='copies'"), {}).settings
    assert secret_of(settings.audit.account) == "a code"
    assert settings.audit.account.folders == ("INBOX",)
