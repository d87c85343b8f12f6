"""What happens to a made-up person changes them as it changes a real one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rapport.engine.happening import Happening
from rapport.engine.known import Known
from tests.builders import a_project, a_walk, mails

AT = datetime(2026, 3, 5, 9, tzinfo=UTC)


def a_person(**known: Any) -> Known:
    """Somebody with consent for two purposes."""
    return Known(candidate=known.pop("candidate", {}), consents={"nurture": None, "events": None}, **known)


def it_happens(kind: str, **detail: str) -> Happening:
    """Something on a Thursday."""
    return Happening(id="h", kind=kind, at=AT, detail=detail)


@pytest.mark.parametrize(
    ("kind", "detail", "left"),
    [
        ("unsubscribed", {}, []),
        ("unsubscribed", {"purpose": "nurture"}, ["events"]),
        ("consent_withdrawn", {"purpose": "events"}, ["nurture"]),
        ("bounced", {}, []),
        ("complained", {}, []),
        ("erased", {}, []),
        ("replied", {}, ["events", "nurture"]),
    ],
)
def test_consent_goes_with_what_closes_it(kind: str, detail: dict[str, str], left: list[str]) -> None:
    """One purpose, or all of them."""
    person = a_person()

    person.happen(it_happens(kind, **detail))

    assert left == sorted(person.consents)


@pytest.mark.parametrize(
    ("kind", "detail", "expected"),
    [
        ("applied", {}, ("active", None, "applied", "applicant")),
        ("stage_changed_to", {"stage": "interview"}, ("active", None, "interview", "in-process")),
        ("rejected", {"stage": "onsite", "reason": "skills"}, ("rejected", "rejected", "onsite", "rejected")),
        ("withdrew", {}, ("withdrawn", "withdrawn", "screen", "consideration")),
        ("hired", {}, ("hired", "hired", "hired", "hired")),
    ],
)
def test_news_of_the_ats_changes_application_and_stage(
    kind: str, detail: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    """Status, outcome and stage of the application, and the stage of the candidate."""
    person = a_person(application={"stage": "screen"})

    person.happen(it_happens(kind, **detail))

    known = person.application
    assert expected == (known["status"], known["outcome"], known["stage"], person.candidate["stage"])


def test_a_rejection_says_when_and_why() -> None:
    """Both are fields that a condition may read."""
    person = a_person()

    person.happen(it_happens("rejected", reason="skills"))

    assert ("skills", "2026-03-05") == (person.application["reason"], person.application["rejected_on"])


@pytest.mark.parametrize(
    ("kind", "detail", "before", "is_news"),
    [
        ("tagged", {"tag": "java"}, {}, True),
        ("tagged", {"tag": "java"}, {"tags": ["java"]}, False),
        ("added_to_pool", {"pool": "warm"}, {"pools": ["warm"]}, False),
        ("removed_from_pool", {"pool": "warm"}, {}, False),
        ("removed_from_pool", {"pool": "warm"}, {"pools": ["warm"]}, True),
    ],
)
def test_what_is_so_already_is_no_news(
    kind: str,
    detail: dict[str, str],
    before: dict[str, Any],
    is_news: bool,  # noqa: FBT001  # the expectation
) -> None:
    """A tag that somebody has is put on once, and no walk hears of it a second time."""
    assert is_news == a_person(candidate=before).happen(it_happens(kind, **detail))


def test_an_event_moves_is_called_off_and_takes_place_after_all() -> None:
    """The latest word counts; news of another event changes nothing."""
    person = a_person(event={"id": "fair-7", "starts_at": "2026-03-12 10:00"})

    person.happen(it_happens("event_cancelled", event="fair-7"))
    called_off = dict(person.event)
    person.happen(it_happens("event_changed", event="fair-7"), {"starts_at": "2026-03-19 10:00"})
    person.happen(it_happens("event_cancelled", event="fair-8"))

    assert (True, False) == (called_off["cancelled"], person.event["cancelled"])
    assert person.event["starts_at"] == "2026-03-19 10:00"


def test_out_of_office_is_kept_as_the_day_of_return() -> None:
    """A day, as auto-replies name it."""
    person = a_person()

    person.happen(it_happens("out_of_office", until="2026-03-23"))

    assert person.back_on == date(2026, 3, 23)


def test_consent_that_was_given_at_the_start_expires() -> None:
    """A purpose that lasts ten days gets one mail of the two."""
    project = a_project("consent: {purposes: {nurture: {title: Mails, expires_after: 10 days}}}")

    walk = a_walk("[{id: one, send: a}, {id: pause, wait: 20 days}, {id: two, send: b}]", project=project)

    end = walk.result.end
    assert end is not None
    assert (["day 0 10:00 a"], "consent") == (mails(walk), end.name)
    assert walk.scenario.start.instant + timedelta(days=10) == end.at
    assert walk.result.candidate["consent"] == []
