"""The state of an application as the ATS told it last: read again when it is too old to write to somebody by it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from rapport.clock import Clock
from rapport.dsl.model import Ats as AtsStep
from rapport.engine.gatekeeper import ATS_FRESH_FOR
from rapport.engine.runtime import Outcome
from rapport.errors import RapportError, TemporaryFailure
from rapport.ports import Ats
from rapport.store import ats as stored_ats
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.walks import ReadRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.snapshot import LATEST_READ
from rapport.usecases.standing import Standing, standing

_HIRED = "hired"


async def is_stale(tx: Tx, here: Standing) -> bool:
    """Whether this walk goes by what an ATS told, and that is older than ten minutes."""
    steps = [node.action for node in here.plan.nodes if isinstance(node.action, AtsStep)]
    names = {step.save_as or step.what for step in steps if step.how == "read"}
    if not names:
        return False  # most walks ask no ATS, and nothing is asked for them
    query = select(ReadRow.at).where(ReadRow.enrollment == here.row.id, ReadRow.name.in_((*names, LATEST_READ)))
    read_at = (await tx.scalars(query)).all()
    return bool(read_at) and here.at - max(read_at) > ATS_FRESH_FOR


async def read_again(store: Store, ats: Ats, clock: Clock, here: Standing) -> Outcome | None:
    """Ask the ATS, outside of any transaction, and keep what it says; `retry` while it does not answer.

    A hire that nobody told us of is told now. An ATS that will never answer was a failure of the step that read it
    first, and stops no mail.
    """
    try:
        found = await ats.read("application", candidate=here.person.id)
    except TemporaryFailure as error:
        return Outcome(status="retry", reason=error.message, until=here.at + error.pause if error.pause else None)
    except RapportError:
        found = {}
    async with store.write() as tx:
        current = await standing(tx, here.row.id, here.at)
        if current.person.erased_at is not None:
            return None
        row = ReadRow(enrollment=here.row.id, name=LATEST_READ, data=dict(found), at=here.at, recorded_at=clock.now())
        if not await insert_once(tx, row):
            known = await tx.get_one(ReadRow, (here.row.id, LATEST_READ), populate_existing=True)
            known.data, known.at, known.recorded_at = row.data, row.at, row.recorded_at
            await tx.flush()
        if found.get("status") == _HIRED and await stored_ats.order_of(tx, str(found.get("id"))) is None:
            # A connected ATS was taken in as it was read, hire and all.
            await take_in(tx, clock, _hire(current, found))
    return None


def _hire(here: Standing, found: Mapping[str, Any]) -> Incoming:
    application = str(found.get("id") or here.row.application or "")
    return Incoming(
        dedupe_key=f"ats-read:hired:{here.person.id}:{application}",
        kind="hired",
        candidate=here.person.id,
        at=here.at,
        detail={"application": application} if application else {},
        shift=here.row.shift_seconds,
        evidence={"door": "ats"},
    )
