"""Rules that need the engine: every path is walked, and every test case, before anybody is in a sequence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from rapport.dsl.checks import Rule
from rapport.dsl.outline import Placed
from rapport.dsl.plan import Plan, compile_plan
from rapport.dsl.problem import Problem
from rapport.dsl.project import Cap
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import listed
from rapport.engine.foresight import (
    Crowd,
    Silence,
    crowd,
    may_be_crowded,
    may_be_silent,
    silences,
    steps_reached,
    walked,
)
from rapport.engine.paths import WEEK, count_paths
from rapport.usecases.tested import tested_problems

# After four months people no longer know who writes to them, and answer with a complaint.
LONGEST_SILENCE: Final = timedelta(days=120)


def walk(subject: Subject) -> Iterator[Problem]:
    """What is seen by walking a sequence without errors: its paths, and the cases of its tests."""
    if subject.project is None:
        return
    plan = compile_plan(subject.name, subject.loaded.tree)
    yield from _unreached(subject, plan)
    yield from _on_paths(subject, plan, subject.project.contact_policy.at_most)
    yield from tested_problems(subject, subject.project, plan)


WALK_RULES: Final[tuple[Rule, ...]] = (walk,)


def _unreached(subject: Subject, plan: Plan) -> Iterator[Problem]:
    """Dates can make a step as unreachable as a stop does: nobody is in time for what lies behind them."""
    reached, before = steps_reached(plan), True
    for placed in subject.outline:
        here = placed.id in reached
        if before and not here:  # of several, the first is told
            message = "no walk can get here: by then its date has always passed"
            yield _at(subject, placed, "unreachable-step", message, "wait less above this step, or for a later date")
        before = here


def _on_paths(subject: Subject, plan: Plan, caps: tuple[Cap, ...]) -> Iterator[Problem]:
    """Weeks with too many mails, and months without any; a limit of less than a week only moves a mail by a day."""
    # Most sequences are far from both, which one pass can tell.
    doubtful = [cap for cap in caps if cap.per.roughly() >= WEEK and may_be_crowded(plan, cap)]
    is_silent = may_be_silent(plan, LONGEST_SILENCE)
    paths = walked(plan) if doubtful or is_silent else ()
    if paths is None:
        yield _too_many_paths(subject, plan)
        return
    steps = {placed.id: placed for placed in subject.outline}
    for cap in doubtful:
        if found := crowd(paths, cap):
            yield _crowded(subject, cap, found, steps[found.too_many.id])
    for silence in silences(paths, LONGEST_SILENCE) if is_silent else ():
        yield _silent(subject, silence, steps[silence.after.id])


def _crowded(subject: Subject, cap: Cap, found: Crowd, placed: Placed) -> Problem:
    names = listed(node.id for node in found.mails)
    message = f"{len(found.mails)} mails can fall within {cap.per} ({names}); the contact policy allows {cap.mails}"
    step = "wait longer above this step: until then the contact policy holds this mail back, and all that follows"
    return _at(subject, placed, "too-many-mails", message, step)


def _silent(subject: Subject, silence: Silence, placed: Placed) -> Problem:
    message = f'{silence.length.days} days pass without a mail after "{silence.before.id}"'
    step = "send something in between, or ask first whether they still want to hear from you"
    return _at(subject, placed, "long-silence", message, step)


def _too_many_paths(subject: Subject, plan: Plan) -> Problem:
    message = f"{count_paths(plan):,} paths are too many to walk: some may bring too many mails, or months of silence"
    step = "look at `rapport paths`, and split the sequence in two with `enroll`"
    return subject.at_key(At(None, ("steps",)), "many-paths", message, step)


def _at(subject: Subject, placed: Placed, rule: str, message: str, step: str) -> Problem:
    """At the mail of a send step, at the id of any other."""
    key = "send" if placed.verb == "send" else "id"
    return subject.at_value(At(placed.id, (*placed.route, key)), rule, message, step)
