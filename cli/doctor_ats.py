"""What `rapport doctor` says of each ATS: how far it was read, and why it is not."""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from cli.findings import Warned, stored
from rapport.clock import SystemClock
from rapport.dsl.wording import counted
from rapport.errors import ConfigurationError, NotFound, RapportError, TemporaryFailure
from rapport.ports import AtsVendors
from rapport.settings import Settings
from rapport.store import ats as stored_ats
from rapport.store import ats_errands
from rapport.store.database import Store
from rapport.store.tables.ats import AtsConnectionRow
from rapport.usecases.shelf import live_project
from rapport.wiring.house import ats_alone

# An errand is done within seconds; an ATS that is away for a quarter of an hour is worth a look.
_LATE_ERRAND = timedelta(minutes=15)
_MISSED_POLLS = 3
_HIDDEN = (
    "shows suspiciously few of the people whom it told of before, and nobody is asked what became of the others."
    " Look at what its login may see: private candidates, all jobs, all offices"
)
_UNPOLLED = "none is polled, so that what no webhook tells stays unknown, deletions too (RAPPORT_ATS_POLL_MINUTES=0)"
# One question; all of a doctor's look at an ATS has ten seconds.
_ANSWERS_WITHIN = timedelta(seconds=6)


async def ats(settings: Settings) -> str:
    """Whether what changed at each ATS is read, and what it told us is worked off; who is not read is asked why."""
    async with stored(settings) as store:
        rows, now = await _connections(store), SystemClock().now()
        async with store.read() as tx:
            waiting, since, trouble = await ats_errands.waiting(tx)
        every = timedelta(minutes=settings.ats_poll_minutes)
        late = [name for name, row in rows.items() if row and every and now - _last(row) > _MISSED_POLLS * every]
        unread = [name for name, row in rows.items() if row is None]
        asked = {*late, *unread, *(name for name, row in rows.items() if row and row.trouble)}
        why = await _why(settings, store, asked)
    failing = {name: error for name, error in why.items() if name not in unread}
    if failing:
        _raise(failing)
    if since is not None and now - since > _LATE_ERRAND:
        raise TemporaryFailure(
            f"{counted(waiting, 'errand')} waiting, the oldest for {_minutes(now - since)} ({trouble}).",
            hint="Is `rapport worker` running, and does the ATS answer? Its log names what fails.",
        )
    if late:
        raise TemporaryFailure(
            f"{', '.join(late)} not read for {_MISSED_POLLS} polls or more.",
            hint="Is `rapport worker` running? See the schedule rapport/ats-poll/NAME in Temporal.",
        )
    return _said(rows, why, [counted(waiting, "errand"), *([] if every or not rows else [_UNPOLLED])], now)


def _said(
    rows: Mapping[str, AtsConnectionRow | None], why: Mapping[str, RapportError], last: Sequence[str], now: datetime
) -> str:
    read = [f"{name} read {_ago(now, row.read_at)}" for name, row in rows.items() if row]
    unread = [
        f"{name} was never read{f': {why[name]}' if name in why else ''}" for name, row in rows.items() if not row
    ]
    hidden = [f"{name} {_HIDDEN}" for name, row in rows.items() if row and row.hidden_after is not None]
    said = "; ".join([*read, *unread, *hidden, *last]) if rows else "none was read yet"
    return Warned(said) if why or hidden else said


async def _connections(store: Store) -> Mapping[str, AtsConnectionRow | None]:
    """Those of the live project, with how far they were read; one that was taken out of it is read by nobody."""
    async with store.read() as tx:
        known = {row.connection: row for row in await stored_ats.connections(tx)}
        try:
            declared = (await live_project(tx)).ats
        except NotFound:  # nothing is published
            return dict(known)
    return {name: known.get(name) for name in sorted(declared)}


async def _why(settings: Settings, store: Store, names: Iterable[str]) -> Mapping[str, RapportError]:
    """What each answers to a question that reads little; only those that fail."""
    async with ats_alone(settings, store, SystemClock(), environ=os.environ) as vendors:
        found = {name: await _asked(vendors, name) for name in sorted(names)}
    return {name: error for name, error in found.items() if error is not None}


async def _asked(vendors: AtsVendors, name: str) -> RapportError | None:
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN.total_seconds()):
            await (await vendors.of(name)).job("1")
    except NotFound:  # nothing is published, or there is no such job
        return None
    except RapportError as error:
        return error
    except TimeoutError:
        seconds = f"{_ANSWERS_WITHIN.total_seconds():.0f} s"
        return TemporaryFailure(f"It gives no answer within {seconds}.", hint="Look at its address and status page.")
    return None


def _raise(failing: Mapping[str, RapportError]) -> None:
    """All of them at once, each with its next step."""
    *others, (name, last) = failing.items()
    before = "".join(f"{other}: {error} " for other, error in others)
    raise ConfigurationError(f"{before}{name}: {last.message}", hint=last.hint)


def _last(row: AtsConnectionRow) -> datetime:
    return row.page_at or row.recorded_at


def _ago(now: datetime, at: datetime | None) -> str:
    return f"{_minutes(now - at)} ago" if at else "in part"


def _minutes(span: timedelta) -> str:
    return counted(round(span / timedelta(minutes=1)), "minute")
