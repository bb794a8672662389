"""`config/example/` is a site that can be copied and started from."""

from __future__ import annotations

from pathlib import Path

from ingestd.checks.house import house_of
from ingestd.config.load import load
from ingestd.config.settings import Mode
from ingestd.domain.reading import Channel

EXAMPLE = Path(__file__).parents[3] / "config" / "example"


def test_the_example_site_loads_as_it_is() -> None:
    configuration = load(EXAMPLE / "ingestd.toml", {})
    assert configuration.settings.site.mode is Mode.SHADOW
    assert [account.name for account in configuration.settings.imap] == ["orders"]


def test_every_area_of_the_example_reaches_somebody_and_somebody_else() -> None:
    house = house_of(load(EXAMPLE / "ingestd.toml", {}))
    for area in house.areas.values():
        assert area.fallback != area.dispatcher
        assert house.numbers[area.dispatcher].email
    assert house.area_at(house.located("中山市古镇东岸北路36号")[0])[0] is house.areas["中山"]
    assert house.area_at(house.located("没有听说过的地方")[0])[0] is house.areas["市郊"]


def test_the_customers_of_the_example_are_found_by_address_domain_and_phone() -> None:
    house = house_of(load(EXAMPLE / "ingestd.toml", {}))
    senders = [
        (Channel.EMAIL, "sales@guzhen-lighting.example"),
        (Channel.EMAIL, "anybody@guzhen-lighting.example"),
        (Channel.SMS, "+8613822770518"),
    ]
    assert {house.customer(channel, sender) for channel, sender in senders} == {house.tables.customer[0]}
    assert house.customer(Channel.EMAIL, "anybody@mail.guzhen-lighting.example") is None


def test_variables_of_the_environment_win_over_the_file() -> None:
    configuration = load(EXAMPLE / "ingestd.toml", {"INGESTD_SITE__MODE": "live", "INGESTD_RELAY__SENDERS": "2"})
    assert configuration.settings.site.mode is Mode.LIVE
    assert configuration.settings.relay.senders == 2
