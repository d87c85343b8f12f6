"""Publishing: versions are kept, live pointers move, and nothing happens twice."""

from typing import Literal

import pytest

from rapport.errors import NotFound
from rapport.store import published
from rapport.store.database import Store
from rapport.usecases.publish import publish
from rapport.usecases.shelf import live_project, plan_of
from tests.unit.store.worlds import DAY, FAIR, MONDAY, WELCOME, a_publication

MAILS = {("welcome", ""): "---\nsubject: Hello\n---\nHi", ("welcome", "de"): "---\nsubject: Hallo\n---\nHallo"}


async def test_the_first_publication_is_live(store: Store) -> None:
    """What is merged is what people start on."""
    report = await publish(store, a_publication({"welcome": WELCOME}, mails=MAILS), commit="c1", at=MONDAY)

    assert ("new", {"welcome": "new"}, {("welcome", ""): "new", ("welcome", "de"): "new"}, ()) == (
        report.project,
        report.sequences,
        report.mails,
        report.absent,
    )
    async with store.read() as tx:
        version = await published.live_version(tx, "welcome")
        text = await published.live_text(tx, "welcome", "de")
        assert version is not None
        assert text is not None
        assert ("c1", MAILS["welcome", "de"]) == (version.commit, text.source)
        assert [node.id for node in (await plan_of(tx, "welcome", version.hash)).nodes] == ["hello", "read"]
        assert list((await live_project(tx)).pools) == ["engineering", "warm", "backend"]


async def test_publishing_again_changes_nothing(store: Store) -> None:
    """A retried deployment is harmless."""
    publication = a_publication({"welcome": WELCOME}, mails=MAILS)
    await publish(store, publication, commit="c1", at=MONDAY)

    report = await publish(store, publication, commit="c2", at=MONDAY + DAY)

    changes: set[Literal["new", "changed", "unchanged"]] = {"unchanged"}
    assert changes == {report.project, *report.sequences.values(), *report.mails.values()}


async def test_a_change_moves_the_pointer_and_keeps_the_old_version(store: Store) -> None:
    """Who is on the way keeps their plan; who comes new gets the new one."""
    await publish(store, a_publication({"welcome": WELCOME, "fair": FAIR}, mails=MAILS), commit="c1", at=MONDAY)
    async with store.read() as tx:
        before = await published.live_version(tx, "welcome")

    longer = {"welcome": WELCOME.replace("7 days", "9 days")}
    mails = {**MAILS, ("welcome", ""): "---\nsubject: Hi\n---\nNew"}
    report = await publish(store, a_publication(longer, mails=mails), commit="c2", at=MONDAY + DAY)

    assert {"welcome": "changed"} == report.sequences
    assert {("welcome", ""): "changed", ("welcome", "de"): "unchanged"} == report.mails
    assert ("fair",) == report.absent
    async with store.read() as tx:
        after = await published.live_version(tx, "welcome")
        assert before is not None
        assert after is not None
        assert before.hash != after.hash
        assert (await published.version(tx, "welcome", before.hash)).commit == "c1"
        assert len(await published.live_versions(tx)) == 2


async def test_going_back_makes_the_old_version_live_again(store: Store) -> None:
    """A reverted pull request brings back exactly what was there."""
    longer = {"welcome": WELCOME.replace("7 days", "9 days")}
    await publish(store, a_publication({"welcome": WELCOME}), commit="c1", at=MONDAY)
    await publish(store, a_publication(longer), commit="c2", at=MONDAY + DAY)

    report = await publish(store, a_publication({"welcome": WELCOME}), commit="c3", at=MONDAY + 2 * DAY)

    async with store.read() as tx:
        live = await published.live_version(tx, "welcome")
    assert report.sequences == {"welcome": "changed"}
    assert live is not None
    assert live.commit == "c1"


async def test_before_the_first_publication_there_is_no_project(store: Store) -> None:
    """An empty installation says what to do first."""
    async with store.read() as tx:
        with pytest.raises(NotFound, match="rapport publish"):
            await live_project(tx)
