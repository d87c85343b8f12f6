"""Opens and clicks: every visit is kept at once, and counts when it has waited for signs of a scanner in vain."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from rapport.clock import Clock, is_moved, moment_in_walks, shift_of
from rapport.crm.visit_verdict import (
    Asked,
    Sign,
    Verdict,
    Visited,
    reasons_of,
    signs_of_company,
    signs_of_moment,
    signs_of_request,
    verdict_of,
)
from rapport.dsl.project import TRACKING
from rapport.errors import TemporaryFailure
from rapport.store import candidates, enrollments, sends, visits
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.mails import SendRow
from rapport.store.tables.visits import VisitRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents

_LOG = logging.getLogger(__name__)
_MINUTE = "%Y-%m-%dT%H:%M"
# The same visitor at the same link within so many seconds is somebody's double click or retry.
_SAME_SECONDS = 10
_AT_ONCE = 50
# How far apart a scanner's look at a link and its following of it may lie.
_COMPANY = timedelta(seconds=60)
_PAUSE = timedelta(minutes=1)
_FIRST_VERDICT = 3  # its place in the key of a visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One visit as a door saw it: `seen_at` is real time, `number` the link's (0: the pixel, or no link of ours).

    `told` are signs that somebody else saw, such as a mail provider.
    """

    asked: Asked = field(repr=False)
    send: int
    number: int
    seen_at: datetime
    told: tuple[Sign, ...] = ()


async def take_visit(tx: Tx, clock: Clock, seen: Seen, *, settle: timedelta) -> None:
    """Keep a visit, and act on it when nothing is to be waited for: a scanner is one for good.

    One that belongs to nothing or to an erased person, and an open of one who allows no tracking, is not kept.
    """
    send = await sends.find(tx, seen.send)
    if send is None:
        return
    walk = await enrollments.get(tx, send.enrollment)
    if (await candidates.get(tx, walk.candidate)).erased_at is not None:
        return
    # Nobody sees a mail before it is sent; a clock that was set back may say so.
    at = max(moment_in_walks(clock, walk.candidate, seen.seen_at), send.at)
    if is_moved(clock, walk.candidate):
        settle = timedelta(0)  # such a walk is nobody's: no scanner comes, and nobody can wait
    if seen.asked.kind == "open" and not await _may_track(tx, walk.candidate, at):
        return
    since = at - send.accepted_at if send.accepted_at is not None else None
    signs = [*seen.told, *signs_of_request(seen.asked), *signs_of_moment(since, too_soon=settle)]
    waits = settle and verdict_of(signs) != "machine"
    # Whoever tells of a visit later, as providers do, tells of its company then, too.
    due_at = max(seen.seen_at, clock.now()) + settle if waits else None
    row = _row(seen, send, at, signs, due_at=due_at)
    if await insert_once(tx, row) and not waits:
        await _take_in(tx, clock, row, walk)


async def settle_due(store: Store, clock: Clock) -> int:
    """Judge the visits that have waited long enough; how many there were."""
    async with store.read() as tx:
        if not await visits.someone_waits(tx, clock.now()):
            return 0
        due = await visits.due(tx, clock.now(), limit=_AT_ONCE)
    for key in due:
        try:
            async with store.write() as tx:
                await _settle(tx, clock, key)
        except TemporaryFailure:
            raise
        except Exception as fault:  # noqa: BLE001  # one visit must not keep the others from being judged
            _LOG.error("Visit not judged", extra={"action": "visit_not_judged", "fault": type(fault).__name__})
            await _put_off(store, clock, key)
    return len(due)


async def forget_visitors(store: Store, clock: Clock) -> int:
    """Drop the networks and user agents of visits that are older than 30 days; how many there were."""
    before, dropped = clock.now() - visits.TELLS_FOR, 0
    while True:
        async with store.write() as tx:
            found = await visits.forget_who(tx, before=before)
        if not found:
            return dropped
        dropped += found


async def _settle(tx: Tx, clock: Clock, key: str) -> None:
    """Judge one visit for good, now that its company is known."""
    row = await visits.find(tx, key)
    if row is None or row.due_at is None:
        return  # another process was first
    walk = await enrollments.get(tx, row.enrollment)
    company = [_visited(other, row) for other in await visits.around(tx, row, _COMPANY)]
    found = signs_of_company(_visited(row, row), company, links=await visits.links_of(tx, row.send))
    row.signs = [*row.signs, *([sign.of, sign.why] for sign in found)]
    row.verdict, row.due_at = verdict_of(_signs(row)), None
    await tx.flush()
    if row.kind == "click" or await _may_track(tx, walk.candidate, row.at):
        await _take_in(tx, clock, row, walk)


async def _put_off(store: Store, clock: Clock, key: str) -> None:
    async with store.write() as tx:
        row = await visits.find(tx, key)
        if row is not None and row.due_at is not None:
            row.due_at = clock.now() + _PAUSE


def _row(seen: Seen, send: SendRow, at: datetime, signs: Sequence[Sign], *, due_at: datetime | None) -> VisitRow:
    verdict = verdict_of(signs)
    slot = int(seen.seen_at.timestamp()) // _SAME_SECONDS
    return VisitRow(
        # A machine's visit never stands in the way of a person's.
        key=f"{seen.asked.kind}:{seen.send}:{seen.number}:{verdict}:{slot}",
        kind=seen.asked.kind,
        send=seen.send,
        enrollment=send.enrollment,
        step=send.step,
        number=seen.number,
        at=at,
        seen_at=seen.seen_at,
        verdict=verdict,
        signs=[[sign.of, sign.why] for sign in signs],
        agent=seen.asked.agent or None,
        network=seen.asked.network or None,
        due_at=due_at,
    )


def _signs(row: VisitRow) -> list[Sign]:
    return [Sign(of, why) for of, why in row.signs]


def _visited(row: VisitRow, mine: VisitRow) -> Visited:
    return Visited(
        number=row.number,
        apart=abs(row.seen_at - mine.seen_at),
        network=row.network or "",
        # As the door judged it: one who clicked fast is not yet a scanner when clicking again.
        verdict=cast("Verdict", row.key.split(":")[_FIRST_VERDICT]),
    )


async def _take_in(tx: Tx, clock: Clock, row: VisitRow, walk: EnrollmentRow) -> None:
    """Tell of it what was judged; the walks hear of what people do."""
    link = await sends.link(tx, row.send, row.number) if row.kind == "click" else None
    seen = Incoming(
        # A browser's retry is the same click.
        dedupe_key=f"{row.kind}:{row.send}:{row.number}:{row.verdict}:{row.at.strftime(_MINUTE)}",
        kind="clicked" if row.kind == "click" else "opened",
        candidate=walk.candidate,
        at=row.at,
        enrollment=walk.id,
        send=row.send,
        step=row.step,
        link=link.name if link else None,
        verdict=cast("Verdict", row.verdict),
        shift=shift_of(clock, walk.candidate),
        evidence={"why": "; ".join(reasons_of(_signs(row)))},
    )
    await take_in(tx, clock, seen)


async def _may_track(tx: Tx, candidate: str, at: datetime) -> bool:
    person = await candidates.get(tx, candidate)
    return TRACKING in await valid_consents(tx, person, await live_project(tx), at)
