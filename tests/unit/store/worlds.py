"""A small world for tests of the store: a database file, a clock that stands still, people and sequences."""

import asyncio
import atexit
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from rapport.dsl.plan import compile_plan, version_of
from rapport.ids import address_key
from rapport.store import consents
from rapport.store.database import Store, Tx
from rapport.store.migrate import migrate
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow
from rapport.usecases.publish import Publication, PublishedSequence, PublishReport, publish
from tests.builders import a_project, yaml

PEPPER = b"a pepper for tests"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PROJECT = """
pools:
  engineering: {title: Engineering}
  warm: {title: Warm, expires_after: 30 days}
  backend: {title: Backend, members: {candidate.skills: {include: python}}}
consent:
  purposes:
    nurture: {title: Mails, expires_after: 730 days}
    events: {title: Events}
    tracking: {title: Opens}
    service: {title: Service mails, consent: not_needed}
contact_policy: {quiet_after: {replied: 14 days}}
"""
WELCOME = """
purpose: nurture
start: {when: {added_to_pool: engineering}, only_if: {candidate.country: DE}, again_after: 180 days}
goal: {applied: any}
exit: [{replied: any}, {stage_changed_to: [interview, offer]}]
steps:
  - {id: hello, send: welcome}
  - {id: read, wait_for: {clicked: {step: hello, link: jobs}}, within: 7 days}
"""
FAIR = """
purpose: events
start: {when: {registered_for_event: {type: job-fair}}, once_per: event.id}
steps:
  - {id: came, wait_for: {attended: this_event}, until: {day: event.ends_at, at: "09:00"}}
"""


class StandingClock:
    """A clock that moves when it is told to."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def walk_time(self, candidate: str) -> datetime:
        """The same time for everybody."""
        del candidate
        return self.at


@cache
def migrated() -> Path:
    """One empty, migrated database per test run; each test works on its own copy."""
    place = Path(mkdtemp(prefix="rapport-test-")) / "empty.db"
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    # In a thread of its own: whoever asks first may be inside a running loop already.
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(lambda: asyncio.run(migrate(url_of(place)))).result()
    return place


def url_of(place: Path) -> str:
    """The URL of a database file."""
    return f"sqlite+aiosqlite:///{place}"


def a_database(folder: Path) -> str:
    """The URL of a fresh database in a folder; safe to call inside a running loop and outside of one."""
    place = folder / "rapport.db"
    shutil.copy(migrated(), place)
    return url_of(place)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store that is closed at the end."""
    store = Store.open(url)
    try:
        yield store
    finally:
        await store.close()


def a_publication(
    flows: Mapping[str, str], *, mails: Mapping[tuple[str, str], str] | None = None, project: str = PROJECT
) -> Publication:
    """A publication of sequences in YAML, by name."""
    sequences = {name: _sequence(name, yaml(text)) for name, text in flows.items()}
    return Publication(project=a_project(project).source, sequences=sequences, mails=mails or {})


def _sequence(name: str, tree: dict[str, Any]) -> PublishedSequence:
    plan = compile_plan(name, {"defaults": {"from": "talent-team"}, **tree})
    start = tree.get("start") or {}
    return PublishedSequence(
        plan=plan.source, start=start, title=name, owner="anna-koch", version=version_of(plan, start, {})
    )


async def published(store: Store, **flows: str) -> PublishReport:
    """Publish sequences in YAML."""
    return await publish(store, a_publication(flows), commit="c0ffee", at=MONDAY - DAY)


async def a_person(
    tx: Tx, candidate: str = "c_ana", *, consent: Sequence[str] = ("nurture", "events"), **fields: Any
) -> CandidateRow:
    """Someone in Germany, with consent since yesterday."""
    email = f"{candidate}@people.example"
    row = CandidateRow(
        id=candidate,
        recorded_at=MONDAY,
        email=email,
        email_key=address_key(email, PEPPER),
        **{"country": "DE", "first_name": "Ana", **fields},
    )
    await insert(tx, row)
    for purpose in consent:
        await consents.record(
            tx,
            candidate=candidate,
            purpose=purpose,
            state="granted",
            source="form",
            at=MONDAY - DAY,
            recorded_at=MONDAY - DAY,
        )
    return row
