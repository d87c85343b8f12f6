"""What it costs to keep segments current, with a thousand people in the store and with a hundred times as many."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert, update

from bench.house import MondayMorning
from bench.rows import Row, hand_over, median
from rapport.crm.role import Role
from rapport.ids import address_key
from rapport.settings import Settings
from rapport.store.columns import Row as Table
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow
from rapport.store.tables.segments import SegmentRecountRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_score, change_tag
from rapport.usecases.match import Search, rank
from rapport.usecases.publish import Publication, publish
from rapport.usecases.segment_recount import SegmentKeeper

_FEW, _MANY = 1_000, 100_000
_ROUNDS, _EVENTS_A_ROUND = 9, 40
_AT_ONCE = 5_000
_RECOUNTED = 3_000
_SKILLS = (
    "go",
    "golang",
    "java",
    "javascript",
    "python",
    "rust",
    "postgres",
    "kubernetes",
    "c++",
    "c#",
    "react",
    "vue",
)
_CITIES = (("Berlin", "DE"), ("Munich", "DE"), ("Paris", "FR"), ("Bangalore", "IN"), ("London", "GB"))
_LEVELS = ("junior", "mid", "senior", "staff", None)
_PURPOSES = {"nurture": {"title": "Mails", "expires_after": "730 days"}}
# Ten segments of a company: some ask about scores, some about tags, about each other, about consent.
_POOLS: Mapping[str, Any] = {
    "warm": {"title": "Warm", "members": {"candidate.score": {"at_least": 20}}},
    "hot": {"title": "Hot", "members": {"candidate.score": {"at_least": 40}}},
    "hot-vips": {"title": "Hot VIPs", "members": {"candidate.pools": "hot", "candidate.tags": "vip"}},
    "vips": {"title": "VIPs", "members": {"candidate.tags": "vip"}},
    "reachable": {"title": "Reachable", "members": {"candidate.consent": "nurture", "candidate.score": {"above": 60}}},
    **{
        f"{skill}-{country.lower()}": {
            "title": skill,
            "members": {"candidate.skills": {"include": skill}, "candidate.country": country},
        }
        for skill in ("go", "python", "rust")
        for country in ("DE", "IN")
    },
}
_PROJECT = {
    "schema": 1,
    "organization": {"name": "Acme", "zone": "Europe/Berlin", "country": "DE"},
    "pools": _POOLS,
    "consent": {"purposes": _PURPOSES},
    "skills": {"synonyms": {"go": ["golang"]}},
}
_ROLE = Role(title="Backend", must=("go",), nice=("postgres",), city="Berlin", country="DE", seniority="senior")


@asynccontextmanager
async def _filled(folder: Path, people: int, clock: MondayMorning) -> AsyncIterator[Store]:
    """A store with so many people, each in the segments that they belong to."""
    settings = Settings(state_folder=folder / str(people))
    await migrate(settings.database)
    store = Store.open(settings.database)
    await publish(store, Publication(project=_PROJECT, sequences={}, mails={}), commit="bench", at=clock.now())
    for begin in range(0, people, _AT_ONCE):
        await _fill(store, range(begin, min(people, begin + _AT_ONCE)), clock)
    async with store.write() as tx:
        await tx.execute(update(SegmentRecountRow).values(ended_at=clock.now()))
    try:
        yield store
    finally:
        await store.close()


async def _fill(store: Store, numbers: range, clock: MondayMorning) -> None:
    now, rows = clock.now() - timedelta(days=1), dict[type[Table], list[dict[str, Any]]]()
    for number in numbers:
        name, (city, country) = _name(number), _CITIES[number % len(_CITIES)]
        skills = sorted({_SKILLS[number % len(_SKILLS)], _SKILLS[number * 7 % len(_SKILLS)]})
        email = f"{name}@people.test"
        person: dict[str, Any] = {"id": name, "recorded_at": now, "email": email, "skills": skills, "score": 0}
        more: dict[str, Any] = {
            "city": city,
            "country": country,
            "seniority": _LEVELS[number % len(_LEVELS)],
            "custom": {},
        }
        key = address_key(email, b"bench")
        since = {"at": now, "recorded_at": now}
        given = {"purpose": "nurture", "state": "granted", "basis": "consent", "text": "", "source": "bench"}
        rows.setdefault(CandidateRow, []).append({**person, **more, "email_key": key})
        rows.setdefault(TagRow, []).append({"candidate": name, "tag": "met", "cause": "bench", **since})
        rows.setdefault(ConsentRow, []).append({"candidate": name, **given, **since})
        for skill in ("go", "python", "rust"):
            if skill in skills and country in ("DE", "IN"):
                member = {"candidate": name, "pool": f"{skill}-{country.lower()}", "cause": "bench", **since}
                rows.setdefault(PoolMemberRow, []).append(member)
    async with store.write() as tx:
        for table, values in rows.items():
            await tx.execute(insert(table), values)


def _name(number: int) -> str:
    """Neighbors in number are no neighbors in the index."""
    return f"c_{number * 2654435761 % 2**32:08x}"


async def _round(store: Store, clock: MondayMorning, people: int, number: int) -> float:
    """Milliseconds of the processor for one event in its own transaction, into segments and out of them by turns."""
    took = []
    for event in range(_EVENTS_A_ROUND):
        name = _name((number * _EVENTS_A_ROUND + event) * 7919 % people)
        cause = Cause(text=f"bench {number} {event}", at=clock.now())
        began = process_time()
        async with store.write() as tx:
            if event % 2:
                await change_score(tx, clock, name, how="set", points=50 if event % 4 == 1 else 0, cause=cause)
            else:
                await change_tag(tx, clock, name, how="add" if event % 4 else "remove", tag="vip", cause=cause)
        took.append((process_time() - began) * 1000)
    return median(took)


async def _recount(store: Store, clock: MondayMorning) -> float:
    """People decided about anew in a second."""
    async with store.write() as tx:
        tx.add(SegmentRecountRow(meaning="bench", recorded_at=clock.now()))
    keeper, looked, began = SegmentKeeper(store, clock), 0, perf_counter()
    while looked < _RECOUNTED:
        looked += await keeper.turn()
    return looked / (perf_counter() - began)


async def _match(folder: Path) -> None:
    """Find fifteen people, in a process of its own, whose memory is not ours."""
    before = _peak_kilobytes()
    store = Store.open(Settings(state_folder=folder).database)
    began = perf_counter()
    async with store.read() as tx:
        found = await rank(tx, MondayMorning(), Search(role=_ROLE))
    seconds = perf_counter() - began
    await store.close()
    if len(found.matches) < Search(role=_ROLE).limit:
        raise AssertionError(found.left_out)
    sys.stdout.write(f"{seconds} {(_peak_kilobytes() - before) / 1024}")


def _peak_kilobytes() -> int:
    """The most memory that this process has had; what the system reports of children counts their parent's in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


async def _matched(folder: Path) -> tuple[float, float]:
    """Seconds to find fifteen people, and the megabytes that it takes."""
    command = (sys.executable, "-m", "bench.segments", "match", str(folder))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    seconds, megabytes = said.decode().split()
    return float(seconds), float(megabytes)


async def _measure() -> Sequence[Row]:
    clock = MondayMorning()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        few = await stack.enter_async_context(_filled(folder, _FEW, clock))
        many = await stack.enter_async_context(_filled(folder, _MANY, clock))
        # One round more, that nobody counts: code and caches are cold in it.
        rounds = [
            (await _round(few, clock, _FEW, number), await _round(many, clock, _MANY, number))
            for number in range(1 + _ROUNDS)
        ]
        print(rounds)
        seconds, megabytes = await _matched(folder / str(_MANY))
        recounted = await _recount(many, clock)
    of_few, of_many = (median([figures[side] for figures in rounds[1:]]) for side in (0, 1))
    return [
        Row(
            name="milliseconds for an event that segments ask about, 100,000 people beside 1,000",
            value=of_many,
            unit="ms",
            baseline=of_few,
            at_most=1.3,
        ),
        Row(name="people decided about anew per second, of 100,000", value=recounted, unit="people/s"),
        Row(name="seconds to rank 100,000 people for a role", value=seconds, unit="s"),
        Row(name="megabytes that ranking 100,000 people takes", value=megabytes, unit="MB"),
    ]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["match", place]:
            asyncio.run(_match(Path(place)))
        case _:
            hand_over(sys.argv, asyncio.run(_measure()))
