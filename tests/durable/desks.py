"""A desk that fails as real ones do, before a world that does not."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from rapport.engine.world import World
from rapport.ports import WalkDesk


class Failing:
    """Every kind of call fails once, with a foreign cause that holds the same text; then the world answers."""

    def __init__(self, world: World, error: Callable[[], Exception]) -> None:
        self.failed: list[str] = []
        self._world = world
        self._error = error

    def __getattr__(self, kind: str) -> Callable[..., Awaitable[Any]]:
        """Stand before one of the world's answers."""

        async def call(*args: Any, **named: Any) -> Any:
            if kind not in self.failed:
                self.failed.append(kind)
                error = self._error()
                raise error from ConnectionError(str(error))
            return await getattr(self._world, kind)(*args, **named)

        return call

    def as_desk(self) -> WalkDesk:
        """The type that it has at run time."""
        return cast("WalkDesk", self)
