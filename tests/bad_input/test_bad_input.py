"""Each bad input of faults.md has its outcome: what is recorded, and what the shipper, the dispatcher and the desk get."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tests.bad_input import characters, content, copies, hostile, parts, texts
from tests.bad_input.running import Run, played
from tests.bad_input.samples import Sample
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import present
from tests.servers.smtp_sink import SmtpSink

SAMPLES: tuple[Sample, ...] = tuple(
    s for m in (characters, parts, copies, content, hostile, texts) for s in m.SAMPLES
)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, dovecot_session: Dovecot) -> Run:
    dovecot_session.recover()
    sink = present(SmtpSink)
    sink.start()
    try:
        return played(tmp_path_factory.mktemp("bad"), dovecot_session.fresh_mailbox(), sink, SAMPLES, lambda site: {})
    finally:
        sink.close()


def test_x(run: Run) -> None:
    Path("/tmp/h/bad/run.pickle").write_bytes(pickle.dumps(run))
