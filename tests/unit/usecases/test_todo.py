"""To-dos: asked for once, listed by what is due, done, opened again and handed on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rapport.errors import BadInput, NotFound
from rapport.store.database import Store, Tx
from rapport.store.tables.tasks import TaskRow
from rapport.usecases import todo
from rapport.usecases.publish import publish
from rapport.usecases.todo import Asked, Wanted
from tests.unit.store.worlds import DAY, MONDAY, a_person, a_publication

PROJECT = "people: {anna-koch: {name: A, email: a@acme.example}, ben-li: {name: B, email: b@acme.example}}"


async def asked(tx: Tx, key: str, *, days: int | None = None, assignee: str = "anna-koch") -> str:
    """Ask somebody to do something in some days."""
    due = None if days is None else MONDAY + days * DAY
    one = Asked(key=key, assignee=assignee, title=key, at=MONDAY, due_at=due, candidate="c_ana")
    return await todo.ask(tx, one, now=MONDAY)


@pytest.fixture
async def known(store: Store) -> Store:
    """A store with two colleagues, and Ana."""
    await publish(store, a_publication({}, project=PROJECT), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    return store


async def titles(tx: Tx, wanted: Wanted) -> list[str]:
    """What a list holds, page by page."""
    found: list[str] = []
    after = ""
    while page := await todo.listed(tx, wanted, after=after, limit=1):
        found += [row.title for row in page]
        after = todo.mark(page[-1])
    return found


async def test_asking_twice_is_asking_once(known: Store) -> None:
    """A retry adds no second task and opens none that is done."""
    async with known.write() as tx:
        name = await asked(tx, "call")
        await todo.done(tx, name, at=MONDAY, by="anna-koch")

        assert name == await asked(tx, "call")
        [row] = await tx.scalars(select(TaskRow).execution_options(populate_existing=True))
        assert ("done", MONDAY, "anna-koch") == (row.state, row.done_at, row.done_by)


async def test_what_is_due_first_comes_first_and_without_a_day_last(known: Store) -> None:
    """Paged one by one, nothing is left out, also among those of the same day."""
    async with known.write() as tx:
        for key, days in (("later", 9), ("never", None), ("soon", 1), ("soon too", 1), ("late", -1)):
            await asked(tx, key, days=days)
        mine = await asked(tx, "his", assignee="ben-li")
        await todo.done(tx, mine, at=MONDAY, by="ben-li")

        everything = await titles(tx, Wanted(state="open"))
        assert ["late", "later", "never"] == [title for title in everything if "soon" not in title]
        assert {"soon", "soon too"} == {*everything[1:3]}
        assert ["late"] == await titles(tx, Wanted(overdue_at=MONDAY))
        assert ["his"] == await titles(tx, Wanted(assignee="ben-li"))
        assert ["his"] == await titles(tx, Wanted(state="done", candidate="c_ana"))


async def test_a_task_is_done_once_opened_again_and_handed_on(known: Store) -> None:
    """Who did it first stands; opening it again forgets that."""
    async with known.write() as tx:
        name = await asked(tx, "call")
        await todo.done(tx, name, at=MONDAY, by="anna-koch")
        row = await todo.done(tx, name, at=MONDAY + timedelta(hours=1), by="ben-li")
        assert (MONDAY, "anna-koch") == (row.done_at, row.done_by)

        row = await todo.reopen(tx, name)
        assert ("open", None, None) == (row.state, row.done_at, row.done_by)
        assert "ben-li" == (await todo.reassign(tx, name, "ben-li")).assignee


async def test_a_task_goes_to_colleagues_only(known: Store) -> None:
    """Neither a stranger nor a made-up task is taken."""
    async with known.write() as tx:
        name = await asked(tx, "call")
        with pytest.raises(BadInput, match="anna-koch, ben-li"):
            await todo.reassign(tx, name, "eve")
        with pytest.raises(NotFound):
            await todo.done(tx, "t_nothing", at=MONDAY, by="anna-koch")
        with pytest.raises(BadInput):
            await todo.listed(tx, Wanted(), after="yesterday")
