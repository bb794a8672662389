"""`config/ingestd.toml` shows every option there is, at its default, with what it does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ingestd.config.settings import AlarmDestination, ImapAccount, Pickup, Settings
from tests.unit.config.shown import meanings, text, uncommented


def table_of(annotation: object) -> type[BaseModel] | None:
    """The model of a table, or of the rows of a list of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, Union, UnionType):
        return next((m for m in map(table_of, get_args(annotation)) if m), None)
    return None


def names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for key, field in model.model_fields.items():
        inner = table_of(field.annotation)
        if inner is None:
            yield prefix + key
        else:
            yield from names(inner, f"{prefix}{key}.")


def plain(value: object) -> Any:
    """A model as the dictionary it is made from."""
    return value.model_dump() if isinstance(value, BaseModel) else value


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Options of a model that have a default beside "unset"."""
    fields = {k: f.get_default(call_default_factory=True) for k, f in model.model_fields.items()}
    return {k: v for k, v in fields.items() if v is not PydanticUndefined and v is not None}


def test_every_option_of_the_models_is_shown_and_no_other() -> None:
    assert sorted(name for name, _ in meanings()) == sorted(names(Settings))


def test_the_file_as_it_is_shipped_changes_nothing() -> None:
    assert Settings.model_validate(tomllib.loads(text())) == Settings()


@pytest.mark.parametrize("section", [key for key in Settings.model_fields if key != "imap"])
def test_each_option_of_a_section_is_shown_at_its_default(section: str) -> None:
    model = table_of(Settings.model_fields[section].annotation)
    assert model is not None
    shown = Settings.model_validate({section: uncommented()[section]})
    wanted = defaults(model)
    if section == "alarms":
        wanted.pop("destinations")  # an example stands there
    assert {key: plain(getattr(getattr(shown, section), key)) for key in wanted} == {
        key: plain(value) for key, value in wanted.items()
    }


def test_each_option_of_a_mailbox_is_shown_at_its_default() -> None:
    (account,) = Settings.model_validate({"imap": uncommented()["imap"]}).imap
    wanted = defaults(ImapAccount)
    assert {key: getattr(account, key) for key in wanted} == wanted


def test_the_rows_shown_for_pickup_deadlines_are_the_default_ones() -> None:
    assert Pickup.model_validate(uncommented()["pickup"]).deadlines == Pickup().deadlines


def test_the_example_of_an_alarm_destination_is_a_valid_one() -> None:
    for row in uncommented()["alarms"]["destinations"]:
        AlarmDestination.model_validate(row)


def unset(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for key, field in model.model_fields.items():
        inner = table_of(field.annotation)
        if inner is not None:
            yield from unset(inner, f"{prefix}{key}.")
        elif field.default is None and key != "before":
            yield prefix + key


def test_what_is_unset_by_default_is_said_to_be() -> None:
    said = dict(meanings())
    assert [name for name in unset(Settings) if not said[name].startswith("Unset. ")] == []


def test_each_option_says_what_it_does() -> None:
    assert [name for name, meaning in meanings() if len(meaning) < 10] == []


def test_the_whole_file_uncommented_is_accepted_but_for_what_needs_a_word_more() -> None:
    whole = uncommented()
    settings = Settings.model_validate(whole)
    assert settings.imap[0].name == "orders"
    assert settings.site.mode == "live"
