"""The one run that all judges look at, made by whichever test process comes first."""

from __future__ import annotations

import fcntl
import pickle
from pathlib import Path

import pytest

from tests.bad_input.running import Run, played
from tests.bad_input.table import SAMPLES
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import present
from tests.servers.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, worker_id: str, dovecot_session: Dovecot) -> Run:
    """What one daemon made of all samples."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder if worker_id == "master" else folder.parent
    kept = shared / "bad-input.pickle"
    with (shared / "bad-input.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(made(tmp_path_factory.mktemp("site"), dovecot_session)))
        found = pickle.loads(kept.read_bytes())
    assert isinstance(found, Run)
    return found


def made(folder: Path, dovecot: Dovecot) -> Run:
    """The run, on servers that nobody else uses meanwhile."""
    dovecot.recover()
    sink = present(SmtpSink)
    try:
        sink.start()
        return played(folder, dovecot.fresh_mailbox(), sink, SAMPLES)
    finally:
        sink.close()
