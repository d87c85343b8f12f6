"""Whatever happens, in whatever order: who is in a segment is whom a recount of everybody would put there."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.dsl.project import Project
from rapport.dsl.segments import segments_of
from rapport.engine.evaluate import holds
from rapport.errors import Refused
from rapport.store import identities
from rapport.store.database import Store, Tx
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.crowd import everything
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.merge import merge_people
from rapport.usecases.publish import publish
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.usecases.segments import refresh, together
from rapport.usecases.shelf import live_project
from tests.databases import Cluster
from tests.unit.store.worlds import MONDAY, StandingClock, a_database, a_person, a_publication, opened

POOLS = """
pools:
  engineering: {title: E}
  warm: {title: W, expires_after: 30 days}
  hot: {title: H, members: {candidate.score: {at_least: 20}}}
  cool: {title: CO, members: {candidate.score: {above: 0, below: 9}}}
  hot-engineers: {title: HE, members: {candidate.pools: hot, candidate.tags: {include: engineer}}}
  cold: {title: C, members: {candidate.pools: {exclude: hot-engineers}}}
  lately: {title: L, members: {candidate.pools: warm}}
  reachable: {title: R, members: {candidate.consent: nurture}}
  not-hired: {title: N, members: {none: [{candidate.stage: hired}]}}
  early: {title: E, members: {candidate.joined_on: {before: 2026-03-01}, candidate.custom.level: {at_least: 2}}}
custom_fields: {level: number}
consent: {purposes: {nurture: {title: Mails, expires_after: 60 days}, events: {title: Events}}}
"""
OTHER = POOLS.replace("at_least: 20", "at_least: 5").replace("exclude: hot-engineers", "exclude: lately")
FADING = f"{POOLS}score: {{half_life: 4 weeks}}\n"
PEOPLE = 3
_examples = count()

_who = st.integers(0, PEOPLE - 1)
_changes = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from(["add", "remove"]), st.sampled_from(["engineer", "vip"])),
    st.tuples(st.just("pool"), st.sampled_from(["add", "remove"]), st.sampled_from(["engineering", "warm", "hot"])),
    st.tuples(st.just("score"), st.sampled_from(["add", "subtract", "set"]), st.sampled_from([3, 10, 25])),
    st.tuples(
        st.just("profile"),
        st.sampled_from(["joined_on", "custom", "timezone"]),
        st.sampled_from([0, 1]),
    ),
    st.tuples(
        st.just("heard"),
        st.sampled_from(["consent_given", "consent_withdrawn", "unsubscribed", "bounced", "applied", "hired"]),
        st.sampled_from([0, 3]),
    ),
    st.tuples(st.just("gone"), st.sampled_from(["erased", "merged"]), st.just(0)),
)
_deeds = st.lists(
    st.one_of(
        st.tuples(_who, st.lists(_changes, min_size=1, max_size=3)),
        st.tuples(st.just("days"), st.sampled_from([1, 29, 31, 61])),
        st.tuples(st.just("publish"), st.sampled_from([POOLS, OTHER, FADING])),
        st.tuples(st.just("keeper"), st.just(1)),
    ),
    max_size=12,
)
_PROFILES: Mapping[str, Sequence[Any]] = {
    "joined_on": (date(2026, 2, 28), date(2026, 3, 1)),
    "custom": ({"level": 1}, {"level": 2}),
    "timezone": ("Pacific/Kiritimati", "Pacific/Pago_Pago"),
}


async def _change(tx: Tx, clock: StandingClock, who: str, change: tuple[str, Any, Any], number: int) -> None:
    what, how, argument = change
    cause = Cause(text=f"deed {number}", at=clock.now())
    match what:
        case "tag":
            await change_tag(tx, clock, who, how=how, tag=argument, cause=cause)
        case "pool":
            await change_pool(tx, clock, who, how=how, pool=argument, cause=cause)
        case "score":
            await change_score(tx, clock, who, how=how, points=argument, cause=cause)
        case "profile":
            row = await tx.get_one(CandidateRow, who)
            if row.erased_at is None:
                setattr(row, how, _PROFILES[how][argument])
            await refresh(tx, clock, [who], cause=cause, changed={how})
        case "gone" if how == "merged":
            first = await identities.kept(tx, f"{who.rpartition('_')[0]}_0")
            with suppress(Refused):  # one of them was erased
                await merge_people(tx, clock, kept=first, gone=who, cause=cause)
        case _:
            at = clock.now() - timedelta(days=int(argument))  # news may come late
            detail = {"purpose": "nurture"} if "consent" in how else {}
            await take_in(
                tx, clock, Incoming(dedupe_key=f"{who}:{number}", kind=how, candidate=who, at=at, detail=detail)
            )


async def _happen(store: Store, deeds: Sequence[tuple[Any, Any]]) -> tuple[StandingClock, list[str]]:
    clock, example = StandingClock(MONDAY), next(_examples)
    await publish(store, a_publication({}, project=POOLS), commit="1", at=MONDAY)
    people = [f"c_{example}_{number}" for number in range(PEOPLE)]
    async with store.write() as tx:
        for name in people:
            await a_person(tx, name)
        await refresh(tx, clock, people, cause=Cause(text="import", at=MONDAY))
    numbers = count()
    for who, what in deeds:
        if who == "days":
            clock.at += timedelta(days=what)
        elif who == "publish":
            await publish(store, a_publication({}, project=what), commit="2", at=clock.now())
        elif who == "keeper":
            await SegmentKeeper(store, clock).turn()
        else:
            clock.at += timedelta(minutes=1)
            async with store.write() as tx, together(tx, clock):
                for change in what:
                    await _change(tx, clock, people[who], change, next(numbers))
    await SegmentKeeper(store, clock).drain()
    return clock, people


async def _recounted(tx: Tx, project: Project, clock: StandingClock, name: str) -> set[str]:
    """Every segment asked in turn, about what is known now and nothing that was kept."""
    known = await everything(tx, [name], sequence="")
    if known.people[name].erased_at is not None or await tx.get(MergeRow, name) is not None:
        return set()
    segments = segments_of(project)
    seen = known.situation(name, project, purpose="", at=clock.now())
    pools = [pool for pool in seen.candidate["pools"] if pool not in {segment.name for segment in segments}]
    belongs: set[str] = set()
    for segment in segments:
        seen.candidate["pools"] = [*pools, *belongs]  # type: ignore[index]  # a dict, made for us
        if holds(segment.members, seen, project):
            belongs.add(segment.name)
    return belongs


async def _holds(store: Store, deeds: Sequence[tuple[Any, Any]]) -> None:
    clock, people = await _happen(store, deeds)
    async with store.read() as tx:
        project = await live_project(tx)
        names = {segment.name for segment in segments_of(project)}
        for name in people:
            rows = await tx.scalars(select(PoolMemberRow.pool).where(PoolMemberRow.candidate == name))
            kept = {*rows} & names
            expected = await _recounted(tx, project, clock, name)
            assert expected == kept
            if not await _has_two_pasts(tx, name):
                assert kept == await _from_news(tx, name, names)


async def _has_two_pasts(tx: Tx, name: str) -> bool:
    """Whether what was heard of them is gone, or is that of two people."""
    merged = select(MergeRow.gone).where((MergeRow.gone == name) | (MergeRow.kept == name))
    erased = (await tx.get_one(CandidateRow, name)).erased_at is not None
    return erased or (await tx.scalars(merged)).first() is not None


async def _from_news(tx: Tx, name: str, names: set[str]) -> set[str]:
    """Where somebody is who has only heard of the joining and leaving."""
    kinds = HappeningRow.kind.in_(("added_to_pool", "removed_from_pool"))
    rows = await tx.scalars(select(HappeningRow).where(HappeningRow.candidate == name, kinds))
    balance = dict.fromkeys(names, 0)
    for row in rows:
        if row.detail["pool"] in names:
            balance[row.detail["pool"]] += 1 if row.kind == "added_to_pool" else -1
    assert set(balance.values()) <= {0, 1}
    return {segment for segment, number in balance.items() if number}


async def _holds_at(url: str, deeds: Sequence[tuple[Any, Any]]) -> None:
    async with opened(url) as store:
        await _holds(store, deeds)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=_deeds)
@example(deeds=[(0, [("score", "set", 25)]), ("publish", FADING), ("days", 29), ("keeper", 1), ("publish", POOLS)])
@example(deeds=[("publish", FADING), (0, [("score", "set", 25)]), ("days", 61), (0, [("tag", "add", "engineer")])])
@example(deeds=[("days", 1), ("keeper", 1), ("days", 29), ("days", 29), (0, [("pool", "add", "engineering")])])
def test_kept_up_to_date_is_counted_anew(tmp_path_factory: pytest.TempPathFactory, deeds: list[Any]) -> None:
    """After any changes, late news, publications, erasures and days gone by, both ways give the same members."""
    asyncio.run(_holds_at(a_database(tmp_path_factory.mktemp("segments")), deeds))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=_deeds)
def test_kept_up_to_date_is_counted_anew_on_a_server(cluster: Cluster, deeds: list[Any]) -> None:
    """The same on PostgreSQL."""
    asyncio.run(_holds_at(cluster.emptied(), deeds))
