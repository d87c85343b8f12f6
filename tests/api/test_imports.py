"""Lists of people over HTTP: the report of `rapport import`, once for each key, and nothing lost when a call is cut."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func, select

from api.imports import LARGEST_LIST
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.people import CandidateRow
from tests.api.doors import Visitor

IMPORTS = "/v1/imports"
LIST = "email,first_name,pools\nada@people.test,Ada,engineering\nnonsense,Bo,\nada@people.test,Eva,\n"
AGREED = {"source": "fair", "consent": ["nurture", "events"], "consent_basis": "consent"}


async def hand_in(
    visitor: Visitor, text: str | bytes, *, key: str = "one", words: Mapping[str, Any] | None = None
) -> Response:
    """POST a list."""
    headers = {"Idempotency-Key": key, "Content-Type": "text/csv"}
    return await visitor.http.post(IMPORTS, content=text, params=words, headers=headers)


async def people(store: Store) -> int:
    """How many there are beside Ana."""
    async with store.read() as tx:
        return (await tx.scalar(select(func.count()).select_from(CandidateRow)) or 0) - 1


async def test_a_list_is_stored_and_answered_row_by_row(visitor: Visitor, store: Store) -> None:
    """Who is new, who is refused and why, by line; the options say what all rows leave out."""
    answer = await hand_in(visitor, LIST, words=AGREED)

    shown = answer.json()
    assert (200, 1) == (answer.status_code, await people(store))
    assert {"added": 1, "refused_rows": 1, "conflicting_rows": 1, "without_consent": 0, "layout": "own"} == {
        name: shown[name] for name in ("added", "refused_rows", "conflicting_rows", "without_consent", "layout")
    }
    assert [{"line": 3, "column": "email", "reason": "is not a mail address"}] == shown["refused"]
    assert [4] == [each["line"] for each in shown["conflicts"]]


async def test_what_stands_in_a_column_without_a_name_is_told(visitor: Visitor) -> None:
    """Whoever hands the list in learns that the column was passed over, by its number and first line."""
    answer = await hand_in(visitor, "email,\nada@people.test,\nbo@people.test,engineering\n", words={"dry_run": True})

    assert [(3, "column 2")] == [(each["line"], each["column"]) for each in answer.json()["nameless"]]


async def test_a_dry_run_changes_nothing(visitor: Visitor, store: Store) -> None:
    """The same report, and the key is still free."""
    foreseen = await hand_in(visitor, LIST, words={**AGREED, "dry_run": True})
    nobody = await people(store)
    real = await hand_in(visitor, LIST, words=AGREED)

    assert (200, 0) == (foreseen.status_code, nobody)
    assert {**foreseen.json(), "dry_run": False} == {**real.json(), "started": 0}


async def test_the_same_key_gets_the_same_answer(visitor: Visitor, store: Store) -> None:
    """A retry imports nothing anew; another list under the same key is a mistake, and says so."""
    first = await hand_in(visitor, LIST)
    retried = await hand_in(visitor, LIST)
    other = await hand_in(visitor, "email\nx@people.test\n")
    anew = await hand_in(visitor, LIST, key="two")

    assert first.json() == retried.json()
    assert (422, 1) == (other.status_code, await people(store))
    assert (0, 1) == (anew.json()["added"], anew.json()["unchanged"])


async def test_a_call_that_was_cut_is_repeated(visitor: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store went away half way: the caller hears 503, repeats, and everybody is in once."""
    rows = "email\n" + "".join(f"p{number}@people.test\n" for number in range(250))
    monkeypatch.setattr(Store, "write", _away_after(2))
    cut = await hand_in(visitor, rows)
    monkeypatch.undo()
    stored = await people(store)
    repeated = await hand_in(visitor, rows)

    assert (503, 200) == (cut.status_code, stored)
    assert (200, 250) == (repeated.status_code, await people(store))
    assert (50, 200) == (repeated.json()["added"], repeated.json()["unchanged"])


def _away_after(pages: int) -> Callable[[Store], AbstractAsyncContextManager[Tx]]:
    """A store that stores so many pages, and is busy from then on."""
    write, calls = Store.write, count()

    def until_then(store: Store) -> AbstractAsyncContextManager[Tx]:
        if next(calls) >= pages:
            raise StoreAway("busy")
        return write(store)

    return until_then


@pytest.mark.parametrize(
    ("body", "words", "status", "said"),
    [
        ("", {}, 422, "the file is empty"),
        ("mail\nx@people.test\n", {}, 422, "there is no column `email`"),
        ('[{"email": "x@people.test"}]', {}, 422, "Write one object on each line"),
        (LIST, {"consent": "nurtur"}, 422, "'nurtur' is no purpose"),
        (LIST, {"layout": "taleo"}, 422, "is no layout"),
        (LIST, {"dryrun": "true"}, 422, "dryrun: there is no such parameter"),
        (b"email\n" + LARGEST_LIST * b"x", {}, 413, "Send less at once"),
    ],
)
async def test_what_is_no_list_is_refused_with_the_next_step(
    visitor: Visitor, store: Store, body: str | bytes, words: Mapping[str, Any], status: int, said: str
) -> None:
    """An answer says what is wrong; nothing is stored, and the key may be used for the list that is right."""
    answer = await hand_in(visitor, body, words=words)

    assert status == answer.status_code
    assert said in answer.json()["detail"]
    async with store.read() as tx:
        assert 0 == await tx.scalar(select(func.count()).select_from(IdempotencyRow))


async def test_a_form_with_a_file_is_no_list(visitor: Visitor) -> None:
    """A list that is sent as browsers send files says so, and not that its columns are missing."""
    answer = await visitor.http.post("/v1/imports", files={"file": LIST}, headers={"Idempotency-Key": "form"})

    assert 415 == answer.status_code
    assert "Send the list itself as the body" in answer.json()["detail"]


async def test_nobodys_name_is_kept_in_an_answer(visitor: Visitor) -> None:
    """A shifted column puts names where pools belong; the answer, which is kept for retries, does not repeat them."""
    answer = await hand_in(visitor, "email,pools\nada@people.test,Ada Byron\n")

    assert "names something, which is no pool" in answer.json()["refused"][0]["reason"]
    assert "Byron" not in answer.text
