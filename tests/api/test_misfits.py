"""A request that does not fit is answered in words that say what to send."""

from typing import Any

import pytest

from tests.api.doors import ANA, Visitor

APPLIED = {"kind": "applied", "candidate": ANA}
PERSON = {"email": "bo@people.example"}
CONSENT = {"purposes": ["nurture"], "basis": "consent", "text": "Yes."}
INSTANT = "it is of another kind; send an instant with its offset, like 2026-03-02T10:00:00+01:00"
DAY = "it is of another kind; send a day like 2026-03-02"


@pytest.mark.parametrize(
    ("path", "body", "place", "message"),
    [
        ("events", {"candidate": ANA}, "/kind", "it is missing; send it"),
        ("events", {**APPLIED, "event": {}}, "/event/id", "it is missing; send it"),
        ("events", {**APPLIED, "surprise": 1}, "/surprise", "there is no such field; leave it out"),
        ("events", {"kind": "applied", "candidate": 7}, "/candidate", "it is of another kind; send a text"),
        ("events", {**APPLIED, "event": []}, "/event", "it is of another kind; send an object"),
        ("events", {**APPLIED, "detail": {"x": ["a", 1]}}, "/detail/x/1", "it is of another kind; send a text"),
        ("events", {**APPLIED, "id": "x" * 201}, "/id", "it is too long; send 200 characters or fewer"),
        ("events", {**APPLIED, "at": "2026-03-02T10:00:00"}, "/at", INSTANT),
        ("events", {**APPLIED, "at": "1772442000"}, "/at", INSTANT),
        ("events", {**APPLIED, "at": "1999-12-31T00:00:00Z"}, "/at", "it lies before 2000; send when it happened"),
        ("candidates", {**PERSON, "joined_on": 0}, "/joined_on", DAY),
        ("candidates", {**PERSON, "joined_on": "0"}, "/joined_on", DAY),
        ("candidates", {**PERSON, "consent": {**CONSENT, "until": 1_900_000_000}}, "/consent/until", INSTANT),
        ("candidates", {"email": ""}, "/email", "it is too short; send 1 or more characters"),
        ("candidates", {**PERSON, "skills": ["a"] * 501}, "/skills", "it holds too many; send 500 or fewer"),
        ("matches", {"limit": 0}, "/limit", "it is too small; send 1 or more"),
        ("candidates/c_ana/conversations", {"due_on": 0}, "/due_on", DAY),
        ("candidates/c_ana/consents", {"until": 1_900_000_000}, "/until", INSTANT),
    ],
)
async def test_each_place_is_named_with_what_to_send(
    visitor: Visitor, path: str, body: Any, place: str, message: str
) -> None:
    """Whoever reads the log of another system knows what to change in it."""
    answer = await visitor.post(f"/v1/{path}", body)

    assert (422, message) == (answer.status_code, _messages(answer.json())[place])


async def test_a_place_that_takes_several_kinds_is_named_once(visitor: Visitor) -> None:
    """The answer points into what was sent, and not into our models."""
    answer = await visitor.post("/v1/events", {**APPLIED, "detail": {"x": {}}})

    kinds = "a text, a whole number, a number, `true` or `false` or a list"
    assert {"/detail/x": f"it is of another kind; send {kinds}"} == _messages(answer.json())


async def test_parameters_and_words_are_named_too(visitor: Visitor) -> None:
    """A slip behind the `?`, in a header or in a word that has to be one of a few."""
    limit = await visitor.get("/v1/candidates", limit="many")
    stage = await visitor.get("/v1/candidates", stage="hird")
    no_key = await visitor.http.post("/v1/events", json=APPLIED)

    assert {"limit": "it is of another kind; send a whole number"} == _messages(limit.json())
    assert _messages(stage.json())["stage"].startswith("no such word is known; send 'awareness', ")
    assert {"Idempotency-Key": "it is missing; send it"} == _messages(no_key.json())


def _messages(problem: Any) -> dict[str, str]:
    return {error["place"]: error["message"] for error in problem["errors"]}
