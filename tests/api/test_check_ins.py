"""Check-in lists over HTTP: the report of `rapport events check-in`, once for each key."""

from collections.abc import Mapping
from typing import Any

import pytest
from httpx import Response

from api.body import LARGEST_BODY
from tests.api.doors import Visitor

FAIR = "/v1/calendar/fairs/7"
LIST = "email,id,first_name\nc_ana@people.example,,\nnew@people.test,,Nia\n,Ada Byron,\nno address,,\n,,x\n"


async def hand_in(
    visitor: Visitor, text: str | bytes, *, key: str = "one", words: Mapping[str, Any] | None = None, fair: str = FAIR
) -> Response:
    """POST a list."""
    headers = {"Idempotency-Key": key, "Content-Type": "text/csv"}
    return await visitor.http.post(f"{fair}/check-in", content=text, params=words, headers=headers)


async def who_came(visitor: Visitor) -> int:
    """How many are noted as having come."""
    return len((await visitor.get(f"{FAIR}/registrations")).json()["items"])


async def test_a_whole_list_is_noted_and_answered_line_by_line(visitor: Visitor) -> None:
    """Who came, who is new, and which rows are refused, in the order of the file and without repeating a name."""
    await visitor.post(FAIR, {"title": "Fair"})

    answer = await hand_in(visitor, LIST, words={"add": True})

    shown = answer.json()
    assert (200, 2) == (answer.status_code, await who_came(visitor))
    assert (2, 0, 1, 0, 3) == tuple(shown[name] for name in ("came", "known", "added", "started", "refused_rows"))
    assert [(4, "id"), (5, "email"), (6, None)] == [(each["line"], each["column"]) for each in shown["refused"]]
    assert "Byron" not in answer.text
    [nia] = (await visitor.get("/v1/candidates", name="nia")).json()["items"]
    assert "event:fairs/7" == nia["source"]


async def test_a_dry_run_notes_nobody_and_leaves_the_key_free(visitor: Visitor) -> None:
    """The same report, and strangers stay strangers unless `add` is said."""
    await visitor.post(FAIR, {"title": "Fair"})

    foreseen = (await hand_in(visitor, LIST, words={"dry_run": True})).json()
    nobody = await who_came(visitor)
    real = (await hand_in(visitor, LIST)).json()

    assert (True, 0) == (foreseen["dry_run"], nobody)
    assert {**foreseen, "dry_run": False} == real
    assert [3, 4, 5, 6] == [each["line"] for each in real["refused"]]


async def test_the_same_key_gets_the_same_answer(visitor: Visitor) -> None:
    """A retry notes nobody anew; another list, or the same for another event, under the same key is a mistake."""
    await visitor.post(FAIR, {"title": "Fair"})
    first = await hand_in(visitor, LIST)
    retried = await hand_in(visitor, LIST)
    others = [await hand_in(visitor, "email\nx@people.test\n"), await hand_in(visitor, LIST, words={"add": True})]
    anew = await hand_in(visitor, LIST, key="two")

    assert first.json() == retried.json()
    assert [422, 422] == [answer.status_code for answer in others]
    assert (0, 1) == (anew.json()["came"], anew.json()["known"])


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("", 422, "the file is empty"),
        ("mail\nx@people.test\n", 422, "there is no column `email` or `id`"),
        (b"email\n\0\1\2", 422, "this is no text file"),
        (b"email\n" + LARGEST_BODY * b"x", 413, "Send less at once"),
    ],
)
async def test_what_is_no_list_is_refused_with_the_next_step(
    visitor: Visitor, body: str | bytes, status: int, said: str
) -> None:
    """The answer says what is wrong, and the key may be used for the list that is right."""
    await visitor.post(FAIR, {"title": "Fair"})

    answer = await hand_in(visitor, body)
    right = await hand_in(visitor, LIST)

    assert (status, 200) == (answer.status_code, right.status_code)
    assert said in answer.json()["detail"]


async def test_a_list_needs_an_event_and_is_no_form(visitor: Visitor) -> None:
    """A slip in the event's id is not answered with a list of strangers."""
    nowhere = await hand_in(visitor, LIST, fair="/v1/calendar/fair-8")
    form = await visitor.http.post(f"{FAIR}/check-in", files={"file": LIST}, headers={"Idempotency-Key": "form"})

    assert (404, "There is no event 'fair-8'.") == (nowhere.status_code, nowhere.json()["detail"][:27])
    assert 415 == form.status_code
