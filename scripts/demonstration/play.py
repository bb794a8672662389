"""One scene after the other: a message goes in, and the timeline follows it until it has come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from ingestd.config.load import Configuration
from scripts.demonstration.letters import Received, mail_bytes, received
from scripts.demonstration.records import MessageSeen, Records
from scripts.demonstration.script import MailScript, Scene, scenes
from scripts.demonstration.sinks import MailSink, Modem, deliver
from scripts.demonstration.site import DemoSite
from scripts.demonstration.timeline import Timeline, seconds_used
from scripts.demonstration.words import say, spoken

PATIENCE_S = 30.0  # for one scene; a quiet machine needs less than a second
LOOK_EVERY_S = 0.01


class Play:
    """The state of the play: what each scene put in and what came of it."""

    def __init__(
        self,
        site: DemoSite,
        configuration: Configuration,
        records: Records,
        sinks: tuple[MailSink, Modem],
        timeline: Timeline,
    ) -> None:
        self.site, self.records, self.timeline = site, records, timeline
        self.settings = configuration.settings
        self.mail, self.modem = sinks
        self.seen: list[tuple[Scene, MessageSeen]] = []
        self.raw: dict[str, bytes] = {}
        self.trouble: list[str] = []
        self.total = len(scenes())

    def scene(self, number: int, scene: Scene) -> None:
        """Put the scene's message in, and show what becomes of it."""
        title = scene.title[spoken()]
        self.timeline.scene(number, self.total, title)
        before = self.records.last_message_id()
        self.put_in(scene)
        seen = self.follow(lambda: self.records.message_after(before))
        if seen is None or not seen.at_rest:
            self.trouble.append(say("waited", seconds=PATIENCE_S, title=title))
        if seen is not None:
            self.seen.append((scene, seen))
            self.show(seen)

    def put_in(self, scene: Scene) -> None:
        """Hand the message over, as a mail server or the network does."""
        now = datetime.now(self.settings.site.zone)
        if scene.sms:
            self.modem.receive(scene.sms.from_, scene.sms.text.format_map(self.endings()), now)
            return
        if scene.mail:
            self.raw[scene.key] = mail_bytes(scene.mail, self.settings.site.address, now, self.answered(scene.mail))
        deliver(self.site.inlet_port, self.raw[scene.again or scene.key], self.settings.site.address)

    def endings(self) -> dict[str, str]:
        """The last digits of the serials so far, by scene."""
        return {scene.key: seen.orders[0].serial[-3:] for scene, seen in self.seen if seen.orders}

    def answered(self, script: MailScript) -> Received | None:
        """The letter that a mail answers, as its writer got it."""
        if script.answers is None:
            return None
        for scene, seen in self.seen:
            keys = {s.key for s in seen.sendings if s.purpose == script.answers.purpose}
            got = [one for one in self.mail.taken if scene.key == script.answers.scene and one.key in keys]
            if got:
                return received(got[0].content)
        return None

    def follow(self, look: Callable[[], MessageSeen | None]) -> MessageSeen | None:
        """Look until the message has come to rest, or patience ends; the last look."""
        until = time.monotonic() + PATIENCE_S
        seen = look()
        while (seen is None or not seen.at_rest) and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
            seen = look()
        return seen

    def show(self, seen: MessageSeen) -> None:
        """The whole scene on the timeline."""
        self.timeline.arrived(seen)
        self.timeline.understood(seen)
        self.timeline.decided(seen)
        self.timeline.sent(seen)
        self.timeline.took(seen)

    @property
    def first_serial(self) -> str:
        """The serial of the first order, to look at."""
        return next((seen.orders[0].serial for _, seen in self.seen if seen.orders), "")

    def summary(self) -> str:
        """What a run without fault comes to."""
        count = len(self.mail.taken) + len(self.modem.taken)
        slowest = max(used for _, seen in self.seen for used in seconds_used(seen))
        return say("verdict_fine", count=count, slowest=slowest, promise=self.settings.outbox.promise.total_seconds())
