"""What every route can reach: the house, the clock, and Temporal when it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from api.set_aside import FOLDER, SetAside
from rapport.clock import Clock, shift_of
from rapport.mail.tokens import Signer
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.rounds import Rounds


class House(Protocol):
    """What the doors need of an open house."""

    @property
    def settings(self) -> Settings:
        """What this installation has set."""
        ...

    @property
    def store(self) -> Store:
        """The store."""
        ...

    @property
    def signer(self) -> Signer:
        """Makes and reads tokens."""
        ...


class Walks(Protocol):
    """What the API asks of Temporal; both may raise when it is down."""

    async def ready(self) -> None:
        """Return when Temporal answers."""
        ...

    async def position(self, enrollment: str) -> Mapping[str, Any]:
        """Where a walk is now and what comes next."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Everything behind the routes; `walks` is None where Temporal is not asked."""

    house: House
    clock: Clock
    walks: Walks | None = None
    rounds: Rounds = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Open a line for what many callers tell at once."""
        object.__setattr__(self, "rounds", Rounds(self.house.store))

    @property
    def set_aside(self) -> SetAside:
        """Where clicks wait for a store that is away."""
        return SetAside(self.house.settings.state_folder / FOLDER)

    @property
    def store(self) -> Store:
        """The house's store."""
        return self.house.store

    def shift(self, candidate: str) -> float:
        """How far ahead of real time this person's walks are, in whole seconds; 0 but in tests and the demo."""
        return shift_of(self.clock, candidate)


# Not a plain function: for each request, FastAPI would hand one over to a thread.
async def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


Behind = Annotated[Door, Depends(_door)]
