"""What every test has: the real servers, and hypothesis without a stopwatch (repeatable where CI runs it)."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures", "tests.unit.sources.memory"]

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("INGESTD_REQUIRE_SERVERS") == "1" else "local")
