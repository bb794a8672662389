"""The composer with the templates that ingestd ships."""

from __future__ import annotations

import pytest

from ingestd.composing.composer import Composer
from ingestd.config.settings import Site, WorkOrderSms
from tests.unit.composing.orders import TEMPLATES

SITE = Site(name="顺驰物流有限公司", signature="顺驰物流", phone="0571-88886666", address="orders@shunchi.example")


@pytest.fixture(scope="session")
def composer() -> Composer:
    return Composer([TEMPLATES], SITE, WorkOrderSms())


@pytest.fixture(scope="session")
def composers() -> dict[str, Composer]:
    """By how a site lets a work order be split."""
    return {
        "one": Composer([TEMPLATES], SITE, WorkOrderSms(parts=1)),
        "separate": Composer([TEMPLATES], SITE, WorkOrderSms(split="separate")),
        "gateway": Composer([TEMPLATES], SITE, WorkOrderSms(split="gateway")),
    }
