"""Calls to others: the ATS and webhooks; never inside a transaction, with a key that makes a second call harmless."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast

from rapport.clock import Clock
from rapport.dsl import model
from rapport.engine.fields import MISSING, look_up
from rapport.engine.runtime import Outcome
from rapport.errors import NotFound, RapportError, TemporaryFailure
from rapport.ids import happening_id
from rapport.mail.merge import DataMissing
from rapport.ports import Ats, Webhooks
from rapport.store import published
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.walks import EffectRow, ReadRow
from rapport.usecases.mail_context import context_of, fill_in
from rapport.usecases.on_its_way import to_hear_first
from rapport.usecases.standing import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One call, ready to be made."""

    enrollment: str
    step: str
    verb: str
    candidate: str
    action: model.Ats | model.Webhook
    text: str = field(default="", repr=False)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """The idempotency key."""
        return f"{self.enrollment}:{self.step}"


class Outside:
    """Makes the calls of ats and webhook steps and records what came of them."""

    def __init__(self, store: Store, ats: Ats, webhooks: Webhooks, clock: Clock) -> None:
        """Keep the two ways out."""
        self._store, self._ats, self._webhooks, self._clock = store, ats, webhooks, clock

    async def call(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Make the call of a step unless it was made; `failed` calls may be tried again by a person.

        `hold` when something that keeps the walk from acting was stored before the call is made.
        """
        try:
            async with self._store.read() as tx:
                call = await _prepare(tx, enrollment, step, at)
            if isinstance(call, Outcome):
                return call
            read = await self._make(call)
        except TemporaryFailure as error:
            until = at + error.pause if error.pause else None
            return Outcome(status="retry", reason=error.message, until=until)
        except RapportError as error:
            reason = f"needs {error.path}" if isinstance(error, DataMissing) else error.message
            async with self._store.write() as tx:
                await _record(tx, self._clock, await standing(tx, enrollment, at), step, "failed", {"reason": reason})
            return Outcome(status="failed", reason=reason)
        async with self._store.write() as tx:
            here = await standing(tx, enrollment, at)
            await _record(tx, self._clock, here, step, "done", {})
            if read is not None and here.person.erased_at is None:
                await _keep(tx, self._clock, here, cast("model.Ats", call.action), read)
        return Outcome(status="done")

    async def _make(self, call: _Call) -> Mapping[str, Any] | None:
        match call.action:
            case model.Ats(how="read", what=what):
                # The schema allows these two words only.
                return await self._ats.read(cast("Literal['application', 'candidate']", what), candidate=call.candidate)
            case model.Ats(how=how, what=what):
                await self._ats.write(how, what, candidate=call.candidate, key=call.key, text=call.text)
            case model.Webhook(to=target):
                await self._webhooks.call(target, call.data, key=call.key)
        return None


async def _prepare(tx: Tx, enrollment: str, step: str, at: datetime) -> _Call | Outcome:
    """What to call with; or `done`, also when the person asked to be forgotten; or what has to be heard first."""
    before = await tx.get(EffectRow, (enrollment, step))
    if before is not None and before.state == "done":
        return Outcome(status="done")
    here = await standing(tx, enrollment, at)
    first = await to_hear_first(tx, here)
    if first is not None:
        return first
    if here.person.erased_at is not None:
        return Outcome(status="done")
    return await _call_of(tx, here, step)


async def _call_of(tx: Tx, here: Standing, step: str) -> _Call:
    enrollment, node = here.row.id, here.node(step)
    match node.action:
        case model.Ats(how="add_note", what=note) as action:
            text = await _note(tx, here, step, note)
            return _Call(
                enrollment=enrollment, step=step, verb=node.verb, candidate=here.person.id, action=action, text=text
            )
        case model.Ats() as action:
            return _Call(enrollment=enrollment, step=step, verb=node.verb, candidate=here.person.id, action=action)
        case model.Webhook() as action:
            data = _data(here, step, action)
            return _Call(
                enrollment=enrollment, step=step, verb=node.verb, candidate=here.person.id, action=action, data=data
            )
        case _:
            raise ValueError(f"the step {step} ({node.verb}) calls nobody; do it as an effect instead")


async def _note(tx: Tx, here: Standing, step: str, note: str) -> str:
    """The live text of a note, filled in; notes are published beside the mails, as `notes/<name>`."""
    found = await published.live_text(tx, f"notes/{note}", "")
    if found is None:
        raise NotFound(kind="note", name=note, hint=f"Write mails/notes/{note}.md and publish it.")
    context = context_of(here.situation, here.plan, here.project, sender=("", ""))
    nonce = happening_id(f"note\n{here.row.id}\n{step}").removeprefix("h_")
    return fill_in(found.source, context, nonce=nonce, file=f"mails/notes/{note}.md")


def _data(here: Standing, step: str, webhook: model.Webhook) -> dict[str, Any]:
    """What a webhook tells: texts filled in, and fields as plain JSON.

    DataMissing when a text needs what this person lacks: a call with a hole in it is a wrong call.
    """
    context = context_of(here.situation, here.plan, here.project, sender=("", ""))
    nonce = happening_id(f"webhook\n{here.row.id}\n{step}").removeprefix("h_")
    return {
        key: fill_in(str(wanted["text"]), context, nonce=nonce, file=f"{here.row.sequence}.yaml")
        if isinstance(wanted, Mapping)
        else _json(look_up(str(wanted), here.situation))
        for key, wanted in webhook.data.items()
    }


def _json(value: Any) -> Any:
    if value is MISSING:
        return None
    if isinstance(value, date):
        return value.isoformat()
    return [_json(item) for item in value] if isinstance(value, list | tuple) else value


async def _record(tx: Tx, clock: Clock, here: Standing, step: str, state: str, result: dict[str, Any]) -> None:
    now = clock.now()
    row = EffectRow(
        enrollment=here.row.id, step=step, kind=here.node(step).verb, state=state, at=here.at, recorded_at=now
    )
    await insert_once(tx, row)
    known = await tx.get_one(EffectRow, (here.row.id, step), populate_existing=True)
    if known.state != "done":
        known.state, known.result, known.at, known.recorded_at = state, result, here.at, now
        await tx.flush()


async def _keep(tx: Tx, clock: Clock, here: Standing, read: model.Ats, data: Mapping[str, Any]) -> None:
    name, now = read.save_as or read.what, clock.now()
    await insert_once(tx, ReadRow(enrollment=here.row.id, name=name, data={}, at=here.at, recorded_at=now))
    row = await tx.get_one(ReadRow, (here.row.id, name), populate_existing=True)
    row.data, row.at, row.recorded_at = dict(data), here.at, now
    await tx.flush()
