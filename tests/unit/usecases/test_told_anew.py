"""What is under way is told again when a worker starts: its Temporal may have lost what it was told."""

from dataclasses import dataclass, field
from typing import Literal

from rapport.errors import TemporaryFailure
from rapport.store import bulks, privacy
from rapport.store.database import Store
from rapport.usecases.bulk import Asked, StoreBulkDesk, begin
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.crowd import Wish
from rapport.usecases.privacy_dispatch import ErasureDispatcher
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published


@dataclass(slots=True)
class Told:
    """Workflows that remember who was begun; `away` makes Temporal unavailable."""

    begun: list[str] = field(default_factory=list)
    away: bool = False

    async def start(self, name: str, *, sequence: str = "", per_minute: int = 0) -> None:
        """Remember it."""
        del sequence, per_minute
        if self.away:
            raise TemporaryFailure("Temporal is away.", hint="Wait.")
        self.begun.append(name)

    async def stir(self, bulk: str) -> Literal["told", "gone"]:
        """Nobody runs."""
        del bulk
        return "gone"


async def test_an_erasure_that_temporal_forgot_is_finished(store: Store) -> None:
    """Nobody's erasure hangs on a database that was lost; what is done is not begun again."""
    async with store.write() as tx:
        await a_person(tx)
        for name, state in (("p_done", privacy.DONE), ("p_running", privacy.RUNNING)):
            kind, at = privacy.ERASURE, MONDAY
            await privacy.begin(tx, candidate="c_ana", kind=kind, state=state, by="anna", at=at, identity=name)
    workflows = Told(away=True)
    dispatcher = ErasureDispatcher(store, workflows)
    await dispatcher.turn()
    workflows.away = False
    for _ in range(3):
        await dispatcher.turn()

    assert ["p_running"] == workflows.begun


async def test_a_bulk_enrollment_that_temporal_forgot_goes_on(store: Store, clock: StandingClock) -> None:
    """The list is in the store, and where it stands; the workflow that keeps its pace is begun again."""
    await published(store, welcome=WELCOME)
    asked = Asked(wish=Wish(sequence="welcome"), source="test", key="k", names=["c_ana"], cause="test")
    async with store.write() as tx:
        await a_person(tx)
        begun = await begin(tx, clock, asked)
    desk, workflows = StoreBulkDesk(store, clock), Told()
    await BulkDispatcher(store, workflows, desk).turn()
    restarted = BulkDispatcher(store, workflows, desk)
    for _ in range(2):
        await restarted.turn()
    await desk.enroll_page(begun.id, up_to=1)
    await BulkDispatcher(store, workflows, desk).turn()
    async with store.read() as tx:
        unfinished = await bulks.unfinished(tx)

    assert ([begun.id, begun.id], []) == (workflows.begun, list(unfinished))
