"""`make demo`: a dozen messages go through the real daemon, and a timeline shows what becomes of each."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ingestd.config.load import Configuration, load
from scripts.demonstration.daemon import DaemonFailedError, command_line, ingestd, running_daemon
from scripts.demonstration.play import Play
from scripts.demonstration.records import Records
from scripts.demonstration.script import scenes
from scripts.demonstration.sinks import sinks
from scripts.demonstration.site import ROOT, DemoSite, FolderTakenError, fresh_site
from scripts.demonstration.timeline import Timeline
from scripts.demonstration.verdict import complaints
from scripts.demonstration.words import say


def main(folder: Path) -> int:
    """Play all scenes in a fresh folder; 0 where everything expected reached its sink and nothing else did."""
    began = time.monotonic()
    try:
        site = fresh_site(folder)
    except FolderTakenError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configuration = load(site.config)
    settings = configuration.settings
    timeline = Timeline(settings.site.zone, settings.outbox.promise)
    timeline.line(say("title", site=settings.site.name, count=len(scenes())), style="bold")
    try:
        wrong = played(site, configuration, timeline)
    except DaemonFailedError as error:
        sys.stderr.write(say("failed", said=str(error)) + "\n")
        return 1
    timeline.line(say("took_all", seconds=time.monotonic() - began), style="dim")
    return 1 if wrong else 0


def played(site: DemoSite, configuration: Configuration, timeline: Timeline) -> list[str]:
    """The whole play, its end and the verdict: what is wrong."""
    with sinks(site) as (mail, modem), running_daemon(site.config, site.log) as daemon:
        seconds = daemon.start()
        timeline.line(say("started", seconds=seconds, inlet=site.inlet_port, spool=shown(site.spool)), style="dim")
        play = Play(site, configuration, Records(configuration.settings.database_url), (mail, modem), timeline)
        for number, scene in enumerate(scenes(), start=1):
            play.scene(number, scene)
        standing = show_status(site, timeline)
        ended = daemon.stop()
    outbox = play.records.sendings()
    wrong = play.trouble + complaints(play.seen, outbox, mail.taken + modem.taken) + bad_end(ended, standing, site.log)
    conclude(site, play, timeline, wrong)
    return wrong


def show_status(site: DemoSite, timeline: Timeline) -> int:
    """Let `ingestd status` say how all stands; its exit code."""
    timeline.line()
    timeline.line(say("status"), style="bold")
    sys.stdout.flush()
    return subprocess.run(ingestd("--config", str(site.config), "status"), check=False).returncode


def bad_end(daemon_code: int, status_code: int, log: Path) -> list[str]:
    """A daemon that SIGTERM does not end in good order, or a status that finds trouble."""
    ended = [say("exit", code=daemon_code, log=shown(log))] if daemon_code else []
    return ended + ([say("status_trouble", code=status_code)] if status_code else [])


def conclude(site: DemoSite, play: Play, timeline: Timeline, wrong: list[str]) -> None:
    """The verdict, and where to look further."""
    timeline.line()
    if wrong:
        timeline.line(say("verdict_wrong"), style="bold red")
        for line in wrong:
            timeline.line(f"  {line}", style="red")
    else:
        timeline.line(play.summary(), style="bold green")
    command = command_line(("--config", shown(site.config)))
    timeline.line(say("look", database=shown(site.folder / "data" / "ingestd.db")))
    for key in ("look_orders", "look_order", "look_outbox"):
        timeline.line("  " + say(key, command=command, serial=play.first_serial))


def shown(path: Path) -> str:
    """A path as short as the person can use it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo-run"))
