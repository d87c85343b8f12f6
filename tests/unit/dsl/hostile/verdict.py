"""What a verdict about a hostile folder may cost.

Processor time is bounded, not time on the clock, so that a busy machine fails nothing.
"""

from tests.weighing import Weight

MOST_SECONDS = 1.0
MOST_MEGABYTES = 200


def assert_light(weight: Weight) -> None:
    """It has ended by itself with a verdict about the files, in little time and memory."""
    assert weight.ended_by == 0, weight
    assert weight.code in {0, 1}, weight.said
    assert weight.seconds < MOST_SECONDS, (weight.seconds, weight.said[:300])
    assert weight.megabytes < MOST_MEGABYTES
