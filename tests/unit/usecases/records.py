"""Two records that turn out to be one person."""

from rapport.store.database import Tx
from rapport.usecases.cause import Cause
from rapport.usecases.merge import merge_people
from tests.unit.store.worlds import DAY, MONDAY
from tests.unit.usecases.ana import CLOCK

CAUSE = Cause(text="a test", at=MONDAY + DAY)
LINK = ("profile", "linkedin.com/in/ana")


async def merged(tx: Tx, *steps: str) -> None:
    """Merge in this order; `ana<ben` makes Ben a part of Ana."""
    for step in steps:
        kept, gone = (f"c_{name}" for name in step.split("<"))
        await merge_people(tx, CLOCK, kept=kept, gone=gone, cause=CAUSE)
