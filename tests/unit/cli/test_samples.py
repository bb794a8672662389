"""Samples in the parser definitions are held to what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingestd.cli.samples import broken_samples
from ingestd.config.shipped import shipped
from ingestd.parsing.definitions import Definitions, Sample, load_definitions

TEXT = """发货人：王敏
联系方式：13800138011
提货地址：深圳市南山区科技园8栋
货物：音箱 15箱 200公斤 2.2方
发往：杭州
收货人：马先生 13600136011
付费方式：现付
"""
SENT_AT = "2026-03-10T10:00:00+08:00"


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions((shipped("parsers"),))


def with_sample(definitions: Definitions, channel: str, **expect: Any) -> Definitions:
    wanted = tuple((path.replace("__", "."), value) for path, value in expect.items())
    return replace(definitions, samples=(Sample("mine.toml", TEXT, channel, "发货", SENT_AT, "a@example.com", wanted),))


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_sample_that_is_read_as_it_says_is_whole(definitions: Definitions, channel: str) -> None:
    expect = {
        "intent": "order",
        "sent_at": SENT_AT,
        "orders__0__destination": "杭州",
        "shipper__name": "王敏",
        "cargo__0__quantity": 15,
    }
    assert list(broken_samples(with_sample(definitions, channel, **expect))) == []


def test_a_sample_that_is_read_otherwise_says_where(definitions: Definitions) -> None:
    broken = list(
        broken_samples(with_sample(definitions, "sms", destination="北京", cargo__7__name="x", intent__x="y"))
    )
    assert [(path, expected, found) for _, path, expected, found in broken] == [
        ("destination", "北京", "杭州"),
        ("cargo.7.name", "x", None),
        ("intent.x", "y", None),
    ]
