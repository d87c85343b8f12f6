"""Letting happen what a case scripts: each line is taken in as a door would, in one transaction for one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.rehearsal.person import application_id, event_id
from rapport.clock import Clock
from rapport.dsl.events import MAIL_EVENTS
from rapport.engine.scenario import Scenario, about_latest, moves_walks
from rapport.engine.script import MACHINES, Scripted
from rapport.engine.situation import Situation
from rapport.ids import send_id
from rapport.store.database import Tx
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_tag
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.snapshot import situation

_APPLICATION_KINDS = ("applied", "stage_changed_to", "rejected", "withdrew", "hired")
_MACHINE = "machine_"


@dataclass(frozen=True, kw_only=True)
class Script:
    """What happens in one case."""

    scenario: Scenario
    enrollment: str
    clock: Clock = field(repr=False)

    async def happen(self, tx: Tx, together: Sequence[Scripted]) -> None:
        """Take in what happens at one instant, in the order of the file."""
        for scripted in together:
            match scripted.kind:
                case "tagged":
                    [tag] = scripted.detail.values()
                    await change_tag(tx, self.clock, self._person, how="add", tag=tag, cause=self._cause(scripted))
                case "added_to_pool" | "removed_from_pool" as kind:
                    await self._pool(tx, scripted, kind)
                case _:
                    await self._take_in(tx, scripted)

    @property
    def _person(self) -> str:
        return str(self.scenario.candidate["id"])

    def _cause(self, scripted: Scripted) -> Cause:
        return Cause(text=f"script {scripted.place}", at=scripted.at)

    async def _pool(self, tx: Tx, scripted: Scripted, kind: str) -> None:
        [pool] = scripted.detail.values()
        how, cause = ("add" if kind == "added_to_pool" else "remove"), self._cause(scripted)
        if how == "add":
            await change_pool(tx, self.clock, self._person, how="add", pool=pool, cause=cause)
        else:
            await change_pool(tx, self.clock, self._person, how="remove", pool=pool, cause=cause)

    async def _take_in(self, tx: Tx, scripted: Scripted) -> None:
        """A mail to somebody who did not agree to be measured has no pixel, so that its opening comes in nowhere."""
        known, _, _ = await situation(tx, self.enrollment, scripted.at)
        if scripted.kind in MACHINES or moves_walks(scripted, known.consents):
            await take_in(tx, self.clock, self._incoming(about_latest(scripted, _in_order(known))))

    def _incoming(self, scripted: Scripted) -> Incoming:
        kind = scripted.kind.removeprefix(_MACHINE)
        mail = scripted.step if kind in (*MAIL_EVENTS, "bounced", "complained") else None
        return Incoming(
            dedupe_key=f"script:{self.enrollment}:{scripted.place}",
            kind=kind,
            candidate=self._person,
            at=scripted.at,
            enrollment=self.enrollment if mail else None,
            send=send_id(self.enrollment, mail) if mail else None,
            step=mail,
            link=scripted.link,
            detail=self._detail(scripted),
            verdict="machine" if scripted.kind in MACHINES else "human",
        )

    def _detail(self, scripted: Scripted) -> Mapping[str, Any]:
        detail: dict[str, Any] = {**scripted.changes, **scripted.detail}
        about = self.scenario.tree.get("event") or {}
        if detail.get("event") == str(about.get("id", "")):
            detail["event"] = event_id(self.scenario)
        application = application_id(self.scenario)
        return {**detail, "application": application} if application and scripted.kind in _APPLICATION_KINDS else detail


def _in_order(known: Situation) -> list[str]:
    """The steps whose mails went, the latest one last."""
    return sorted(known.mails, key=lambda step: known.mails[step].sent or known.at)
