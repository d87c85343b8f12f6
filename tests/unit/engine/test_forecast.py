"""Many people at once: each is one person, and the same question has one answer."""

import time
from collections import Counter
from datetime import date, timedelta
from typing import Any

from rapport.dsl.model import Start as Entrance
from rapport.engine.forecast import Forecast, Question, forecast
from rapport.engine.habits import Habits
from rapport.engine.made_up import made_up_people
from rapport.engine.person import Person
from rapport.engine.script import Start
from rapport.engine.virtual import Target
from tests.builders import MONDAY, a_plan, a_project

_DAY_0 = date(2026, 3, 2)
ONE = "- {id: hello, send: welcome}"
ASKING = """
- {id: hello, send: welcome}
- {id: read, wait_for: {clicked: {step: hello, link: jobs}}, within: 7 days, then: [{id: more, send: more}]}
"""
CAPPED = "contact_policy: {never_between: null, at_most: [{mails: 1, per: 1 day}]}"


def a_question(*steps: str, project: str = "", **changes: Any) -> Question:
    """People enter the sequences `flow-0`, `flow-1` … on Monday at 10:00 in Berlin."""
    targets = {
        f"flow-{place}": Target(plan=a_plan(text, name=f"flow-{place}", exit=[{"replied": "any"}]), start=Entrance())
        for place, text in enumerate(steps)
    }
    return Question(
        **{
            "sequences": tuple(targets),
            "targets": targets,
            "project": a_project(project),
            "start": Start.parse(MONDAY),
            **changes,
        }
    )


def ask(question: Question, count: int = 10, **traits: Any) -> Forecast:
    """Ask it about made-up people; all of them live in Berlin unless `traits` say otherwise."""
    home = {"timezone": "Europe/Berlin", "country": "DE", **traits}
    people = made_up_people(count, question.project, question.start.instant, seed=1, traits=home)
    return forecast(question, people)


def by_day(found: Forecast) -> dict[int, int]:
    """Mails by the number of the day."""
    return {(day - _DAY_0).days: mails for day, mails in found.days if mails}


def test_mails_are_counted_on_the_day_they_go() -> None:
    """All enter on Monday and have two mails, a week apart."""
    found = ask(a_question(f"{ONE}\n- {{id: week, wait: 7 days}}\n- {{id: again, send: again}}"))

    assert {0: 10, 7: 10} == by_day(found)
    assert (20, {"end": 10}, 0) == (found.total, found.ends, found.waiting)


def test_people_may_enter_bit_by_bit() -> None:
    """Four a day, so that the mail server has a quiet week."""
    found = ask(a_question(ONE, per_day=4))

    assert {0: 4, 1: 4, 2: 2} == by_day(found)


def test_a_cap_counts_the_mails_of_all_walks_of_a_person() -> None:
    """Two sequences on one day are one mail that day, and one the next."""
    found = ask(a_question(ONE, ONE, project=CAPPED))

    assert {0: 10, 1: 10} == by_day(found)
    assert {"at most 1 mail in 1 day": 10} == found.held


def test_mails_of_before_count_for_the_cap() -> None:
    """Who had a mail an hour ago gets the next one tomorrow."""
    question = a_question(ONE, project=CAPPED)
    earlier = question.start.instant - timedelta(hours=1)
    person = Person(
        candidate={"id": "c_ana", "email": "ana@people.test", "timezone": "Europe/Berlin"},
        consents={"nurture": None},
        mailed=[earlier],
    )

    assert {1: 1} == by_day(forecast(question, [person]))


def test_clicks_and_answers_move_walks() -> None:
    """Whoever clicks gets one mail more, whoever answers none; nobody does either unless that is said."""
    links = {"welcome": ("jobs",)}
    silent, clicking, answering = (
        ask(a_question(ASKING, habits=Habits(clicks=clicks, replies=replies, links=links)), 200).total
        for clicks, replies in ((0, 0), (1, 0), (1, 1))
    )

    assert (200, 400) == (silent, clicking)
    assert 200 <= answering < 400


def test_a_click_falls_on_one_of_the_links() -> None:
    """Half of the clicks are on the other link, and the step waits for one of them."""
    habits = Habits(clicks=1.0, links={"welcome": ("jobs", "blog")})

    found = ask(a_question(ASKING, habits=habits), 400)

    assert 170 < found.total - 400 < 230


def test_the_same_question_has_one_answer_and_another_seed_another() -> None:
    """A forecast can be checked by whoever doubts it."""
    first, again, other = (
        ask(a_question(ASKING, habits=Habits(clicks=0.3, seed=seed, links={"welcome": ("jobs",)})), 100).mails
        for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


def test_the_rules_of_the_entrance_refuse_by_reason() -> None:
    """A closed address, no consent, no address: none of them would get a mail, and the forecast says why."""
    known = {"email": "x@people.test"}
    people = [
        Person(candidate={"id": "a", **known}, consents={"nurture": None}),
        Person(candidate={"id": "b", **known}, consents={}),
        Person(candidate={"id": "c", **known}, consents={"nurture": None}, closed=frozenset({"all"})),
        Person(candidate={"id": "d"}, consents={"nurture": None}),
    ]

    found = forecast(a_question(ONE, ask_rules=True), people)

    assert (4, 1, {"no_consent": 1, "suppressed": 2}) == (found.people, found.entered.total(), found.refused)


def test_an_enroll_step_starts_the_other_sequence() -> None:
    """The mails of what a sequence starts are its mails, too."""
    question = a_question("- {id: go, enroll: flow-1}", ONE)

    found = forecast(
        Question(**{**vars(question), "sequences": ("flow-0",)}),
        made_up_people(5, question.project, question.start.instant, seed=1, traits={}),
    )

    assert (5, Counter({"end": 10})) == (found.total, found.ends)


def test_days_cut_a_forecast() -> None:
    """The horizon leaves people waiting."""
    found = ask(a_question(f"{ONE}\n- {{id: week, wait: 7 days}}\n- {{id: again, send: again}}", days=3))

    assert ({0: 10}, 10) == (by_day(found), found.waiting)


def test_made_up_people_live_in_more_than_one_place() -> None:
    """Half of them live where the company does, as the documents say; the same seed draws the same."""
    project, at = a_project(), Start.parse(MONDAY).instant
    first, again = (list(made_up_people(2_000, project, at, seed=7, traits={"score": 40})) for _ in range(2))

    countries = Counter(person.candidate["country"] for person in first)
    assert [person.candidate for person in first] == [person.candidate for person in again]
    assert 900 < countries["DE"] < 1_100
    assert {"DE", "US", "GB", "IN", "FR", "BR", "SG"} == countries.keys()
    assert {40} == {person.candidate["score"] for person in first}


def test_a_thousand_people_walk_half_a_year_in_seconds() -> None:
    """A forecast is an answer while one waits for it."""
    steps = "\n".join(f"- {{id: m{n}, send: welcome}}\n- {{id: w{n}, wait: 30 days}}" for n in range(6))

    began = time.process_time()
    found = ask(a_question(steps, habits=Habits(clicks=0.2)), 1_000)
    took = time.process_time() - began

    assert 6_000 == found.total
    # A second of processor time on a quiet machine; beside other tests each takes longer.
    assert took < 5
