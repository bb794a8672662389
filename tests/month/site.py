"""The site of the month as plain values: who works there when, its areas, depots, lanes and days without work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

LOCAL = timezone(timedelta(hours=8))  # Shanghai, which has no summer time
DISPATCHER, NIGHT, FLEET, MANAGER, SUBURB, SPARE, WATCHER, DEPOT, AGENT = (
    "8011", "8012", "8013", "8014", "8021", "8022", "8031", "8041", "8051",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody of the house, with the hours of his duty on desk days; none: at any hour but the quiet ones."""

    number: str
    name: str
    role: str
    mail: str | None = None
    phone: str | None = None
    begins: time | None = None
    ends: time | None = None  # before `begins`: the next morning
    by_sms: bool = False  # text messages reach him first

    @property
    def address(self) -> str:
        """Where he is chased."""
        return (self.phone if self.by_sms else self.mail) or ""

    @property
    def duty(self) -> str:
        """The hours as a site writes them."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}" if self.begins and self.ends else ""


@dataclass(frozen=True)
class Away:
    """Days, or hours of them, on which somebody is not there."""

    number: str
    first: date
    last: date
    begins: time | None = None
    ends: time | None = None
    substitute: str | None = None


@dataclass(frozen=True)
class Region:
    """A service area."""

    name: str
    kind: str  # urban, suburban
    places: tuple[str, ...]
    dispatcher: str
    fallback: str
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    """Where goods go: town and street, the days they may take, whether that is our own city, its depot's contact."""

    town: str
    street: str
    days: int
    city: bool = False
    contact: str | None = None


PEOPLE = (
    Person(DISPATCHER, "李调度", "dispatcher", "li@desk.example", "+8613900000011", time(8), time(20)),
    Person(NIGHT, "孙夜班", "dispatcher", "sun@desk.example", None, time(20), time(8)),
    Person(FLEET, "周车管", "fleet_manager", "zhou@desk.example", "+8613900000013", time(7), time(22)),
    Person(MANAGER, "王经理", "operations_manager", "wang@desk.example", "+8613900000014", time(8, 30), time(18)),
    Person(SUBURB, "陈龙岗", "dispatcher", None, "+8613900000021", by_sms=True),
    Person(SPARE, "赵替班", "dispatcher", "zhao@desk.example"),
    Person(WATCHER, "吴市场", "market_developer", "wu@desk.example"),
    Person(DEPOT, "杭州站", "depot", "hangzhou@desk.example", None, time(8), time(18)),
    Person(AGENT, "郑客服", "agent", "zheng@desk.example"),
)
STAFF = {person.number: person for person in PEOPLE}
REGIONS = (
    Region("城区", "urban", ("福田", "罗湖"), DISPATCHER, NIGHT, (WATCHER,)),
    Region("龙岗", "suburban", ("龙岗",), SUBURB, FLEET),
)
AREAS = {region.name: region for region in REGIONS}
GOALS = (
    Goal("杭州", "浙江省杭州市萧山区建设路", 3, contact=DEPOT),
    Goal("深圳", "广东省深圳市南山区科苑路", 1, city=True),
    Goal("成都", "四川省成都市武侯区天府路", 5),
)
CUSTOMERS = ("automatic", "automatic", "automatic", "agent", "shipper", "automatic")  # how each confirms
ENTITLED = 5  # the customer whose change letters and releases one person alone may write


def customer_mail(number: int) -> str:
    """The address that a customer writes from."""
    return f"shipper{number}@factory{number}.example"


def customer_phone(number: int) -> str:
    """The number that a customer writes from."""
    return f"+861380000{number:04d}"


@dataclass(frozen=True)
class Calendar:
    """A month that is hard: its days, and those on which nobody works."""

    name: str
    first: date
    days: int
    closed: frozenset[date]
    away: tuple[Away, ...]

    @property
    def begins(self) -> datetime:
        """Its first midnight."""
        return datetime.combine(self.first, time.min, LOCAL)

    @property
    def ends(self) -> datetime:
        """The midnight after its last day."""
        return self.begins + timedelta(days=self.days)

    def day(self, number: int) -> date:
        """Its nth day, from 0."""
        return self.first + timedelta(days=number)


def days_between(first: date, last: date) -> frozenset[date]:
    """All days from one to another."""
    return frozenset(first + timedelta(days=n) for n in range((last - first).days + 1))


def absences(first: date) -> tuple[Away, ...]:
    """Who is away in a month that begins on a day."""
    on = [first + timedelta(days=n) for n in range(40)]
    return (
        Away(DISPATCHER, on[3], on[4], substitute=SPARE),
        Away(DISPATCHER, on[9], on[9], time(13), time(18)),
        Away(SUBURB, on[6], on[7], substitute=SPARE),
        Away(MANAGER, on[5], on[5], substitute=FLEET),
        Away(DEPOT, on[8], on[9], substitute=SPARE),
        Away(SUBURB, on[21], on[21]),
        Away(DISPATCHER, on[23], on[24], substitute=NIGHT),
    )


def calendar(name: str, first: date, days: int, closed: frozenset[date]) -> Calendar:
    """A month with its absences."""
    return Calendar(name, first, days, closed, absences(first))


# 2026: 1-7 October are free by the state, 20 September and 10 October made up for; the site shuts for three days only
NATIONAL_DAY = calendar("国庆", date(2026, 9, 18), 33, days_between(date(2026, 10, 1), date(2026, 10, 3)))
# 2023: New Year's Eve to the Lantern Festival, with the spring festival of 22 January
SPRING_FESTIVAL = calendar(
    "春节",
    date(2022, 12, 27),
    34,
    days_between(date(2023, 1, 1), date(2023, 1, 1)) | days_between(date(2023, 1, 15), date(2023, 1, 25)),
)
CALENDARS = {one.name: one for one in (NATIONAL_DAY, SPRING_FESTIVAL)}
