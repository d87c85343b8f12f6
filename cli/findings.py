"""What the checks of `rapport doctor` share: a warning, and the store in a doctor's words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from rapport.errors import TemporaryFailure
from rapport.settings import Settings
from rapport.store.away import StoreAway
from rapport.store.database import Store


class Warned(str):
    """A text about something that works and should be looked into."""

    __slots__ = ()


@asynccontextmanager
async def stored(settings: Settings) -> AsyncIterator[Store]:
    """The store, for as long as the block runs; TemporaryFailure when it cannot be read."""
    store = Store.open(settings.database)
    try:
        yield store
    except (StoreAway, SQLAlchemyError) as error:
        raise TemporaryFailure("The store cannot be read.", hint="See the line `database`.") from error
    finally:
        await store.close()
