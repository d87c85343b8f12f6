"""What a stored score is worth at an instant, by the project that is live."""

from datetime import datetime

from rapport.crm.score import Score
from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow
from rapport.usecases.segment_view import watch_of


async def score_of(tx: Tx, person: CandidateRow, at: datetime) -> int:
    """The score of a person that everybody sees at `at`."""
    return Score.of(person).points_at(at, (await watch_of(tx)).project.half_life)
