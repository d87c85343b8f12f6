"""Whether two engines made the same of one walk, and if not, both timelines beside each other."""

from collections.abc import Collection, Sequence
from datetime import datetime

from rapport.engine.result import Result
from rapport.engine.side_by_side import Row, side_by_side

# Within one instant: the walk goes on by steps, a mail and an effect belong to theirs, the end comes last.
_STEP, _DEED, _END = range(3)


def timelines(simulated: Result, real: Result, *, fields: Collection[str] = ()) -> list[Row]:
    """Both walks, line by line, and those `fields` of the candidate; the engines agree when every row holds."""
    return [
        Row(one == other, one or "", other or "")
        for one, other in side_by_side(_lines(simulated, fields), _lines(real, fields), str.__eq__)
    ]


def _lines(result: Result, fields: Collection[str]) -> Sequence[str]:
    steps = [(passed.at, _STEP, f"{passed.step}: {passed.outcome}") for passed in result.path]
    mails = [(mail.at, _DEED, f"{mail.step}: mail {mail.what}") for mail in result.mails]
    effects = [(effect.at, _DEED, f"{effect.step}: done") for effect in result.actions]
    end = [(result.end.at, _END, f"ends: {result.end.name}")] if result.end else []
    entries = sorted([*steps, *mails, *effects, *end], key=lambda entry: entry[:2])
    known = [f"candidate.{field}: {_plain(result.of_candidate(field))}" for field in sorted(fields)]
    return [*(_line(at, text) for at, _, text in entries), *([] if end else [result.ends]), *known]


def _line(at: datetime, text: str) -> str:
    """In UTC and to the second: what differs may be a second."""
    return f"{at:%Y-%m-%d %H:%M:%S}  {text}"


def _plain(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, list | tuple) else str(value)
