"""People over HTTP: made, found, changed, and everything that happened with them."""

import pytest
from sqlalchemy import event

from rapport.store.database import Store
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_tag
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.merge import merge_people
from tests.api.doors import ANA, Visitor
from tests.unit.store.worlds import DAY, MONDAY, StandingClock

NEW = {
    "email": "cleo@people.example",
    "first_name": "Cleo",
    "city": "Wien",
    "skills": ["python"],
    "source": "fair",
    "consent": {"purposes": ["nurture"], "basis": "consent", "text": "Yes."},
}


async def test_a_new_person_is_stored_once_and_found(visitor: Visitor) -> None:
    """The same call twice makes one person; consent is in the ledger, and the list finds them."""
    made = [await visitor.post("/v1/candidates", NEW, key="one") for _ in range(2)]
    again = await visitor.post("/v1/candidates", NEW)

    name = made[0].json()["id"]
    assert [201, 201, 409] == [answer.status_code for answer in (*made, again)]
    assert {"id": name} == made[1].json()
    assert "address_taken" == again.json()["reason"]
    assert "cleo@" not in again.text
    listed = (await visitor.get("/v1/candidates", name="cl")).json()
    assert [name] == [one["id"] for one in listed["items"]]
    assert ["backend"] == listed["items"][0]["pools"]


async def test_a_person_is_found_by_any_address(visitor: Visitor) -> None:
    """A system that knows only an address gets the one id, and of a stranger's address nobody."""
    await visitor.person("c_bea")
    await visitor.post(f"/v1/candidates/{ANA}/addresses", {"email": "ana@home.example"})
    first = (await visitor.get(f"/v1/candidates/{ANA}")).json()["email"]
    asked = (first, "ANA@home.example", "nobody@home.example")

    found = [(await visitor.get("/v1/candidates", email=each)).json()["items"] for each in asked]

    assert [[ANA], [ANA], []] == [[one["id"] for one in items] for items in found]


async def test_a_parameter_that_there_is_not_is_said(visitor: Visitor) -> None:
    """A slip in a filter lists nobody, rather than everybody; those that there are are named."""
    slip = await visitor.get("/v1/candidates", emial="ana@people.example")
    none = await visitor.get(f"/v1/candidates/{ANA}", fields="all")

    assert [422, 422] == [slip.status_code, none.status_code]
    assert "emial: there is no such parameter. There are: after, email, limit" in slip.json()["detail"]
    assert "ana@" not in slip.text
    assert none.json()["detail"].endswith("This call has none.")


async def test_lists_are_cut_into_pages(visitor: Visitor) -> None:
    """Page by page, everybody once."""
    for name in ("c_bea", "c_cid"):
        await visitor.person(name, stage="applicant")

    first = (await visitor.get("/v1/candidates", limit=2)).json()
    second = (await visitor.get("/v1/candidates", limit=2, after=first["next"])).json()

    assert ["c_ana", "c_bea", "c_cid"] == [one["id"] for one in (*first["items"], *second["items"])]
    assert second["next"] is None
    found = (await visitor.get("/v1/candidates", stage="applicant", limit=200)).json()["items"]
    assert ["c_bea", "c_cid"] == [one["id"] for one in found]


@pytest.mark.parametrize(("path", "name"), [("/v1/candidates", "owner"), ("/v1/tasks", "assignee")])
async def test_a_misspelled_colleague_does_not_look_like_one_with_nothing_to_do(
    visitor: Visitor, path: str, name: str
) -> None:
    """An empty list is for a colleague who is known, also for one who has left and has people still."""
    await visitor.person("c_bea", owner_recruiter="who-left")

    slip = await visitor.get(path, **{name: "ana-koch"})
    known = await visitor.get(path, **{name: "anna-koch"})
    left = await visitor.get("/v1/candidates", owner="who-left")

    assert (422, name) == (slip.status_code, slip.json()["errors"][0]["place"])
    assert "Known colleagues: anna-koch." in slip.json()["detail"]
    assert [] == known.json()["items"]
    assert ["c_bea"] == [one["id"] for one in left.json()["items"]]


async def test_a_long_page_asks_the_store_no_more_often_than_a_short_one(visitor: Visitor) -> None:
    """Two hundred people are shown as fast as the store finds them, with what each of them is part of."""
    for name in ("c_bea", "c_cid", "c_dan"):
        await visitor.person(name)
    asked: list[str] = []
    event.listen(visitor.store.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    await visitor.get("/v1/candidates", limit=1)
    short = len(asked)
    await visitor.get("/v1/candidates")

    assert short == len(asked) - short


async def test_a_change_sets_what_is_named_and_says_what_does_not_fit(visitor: Visitor) -> None:
    """Other fields stay; a wrong one is named and nothing is changed."""
    changed = await visitor.http.patch("/v1/candidates/c_ana", json={"city": "Berlin", "stage": "alumni"})
    wrong = await visitor.http.patch("/v1/candidates/c_ana", json={"city": "Bonn", "country": "Germany"})

    assert ("Berlin", "alumni", "Ana") == tuple(changed.json()[key] for key in ("city", "stage", "first_name"))
    assert (422, "country") == (wrong.status_code, wrong.json()["errors"][0]["place"])
    assert "Berlin" == (await visitor.get("/v1/candidates/c_ana")).json()["city"]


async def test_addresses_are_added_chosen_and_removed(visitor: Visitor) -> None:
    """Mails go to one address; by the others the person is recognized; nobody gets somebody else's."""
    place = "/v1/candidates/c_ana/addresses"
    await visitor.person("c_ben")

    added = await visitor.post(place, {"email": "Ana@Work.Example"})
    await visitor.post(f"{place}/primary", {"email": "ana@work.example"})
    taken = await visitor.post(place, {"email": "c_ben@people.example"})
    kept = await visitor.post(f"{place}/remove", {"email": "ana@work.example"})

    assert (200, 409, 409) == (added.status_code, taken.status_code, kept.status_code)
    known = (await visitor.get(place)).json()
    assert {"primary": "Ana@work.example", "further": ["c_ana@people.example"]} == known
    await visitor.post(f"{place}/remove", {"email": "c_ana@people.example"})
    assert [] == (await visitor.get(place)).json()["further"]


async def test_everything_that_happened_is_one_list(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """Profile, consent, events and conversations stand in one order, page by page without a gap."""
    await visitor.http.patch("/v1/candidates/c_ana", json={"city": "Berlin"})
    await visitor.post("/v1/events", {"kind": "tagged", "candidate": "c_ana", "detail": {"tag": "met"}})
    async with store.write() as tx:
        await change_tag(tx, clock, "c_ana", how="remove", tag="met", cause=Cause(text="by hand", at=MONDAY))
    await visitor.post("/v1/events", {"kind": "applied", "candidate": "c_ana", "detail": {"job": "backend"}})

    place = "/v1/candidates/c_ana/timeline"
    lines = (await visitor.get(place)).json()["items"]
    paged, after = [], ""
    while True:
        page = (await visitor.get(place, limit=1, after=after)).json()
        paged += page["items"]
        after = page["next"]
        if after is None:
            break

    assert lines == paged
    assert lines == sorted(lines, key=lambda line: line["at"])
    texts = [line["text"] for line in lines]
    assert any(text.startswith("profile: city") for text in texts)
    assert any(text.startswith("consent nurture: granted") for text in texts)
    assert {"tagged met", "profile: tag met removed (by hand)", "applied"} <= set(texts)
    assert 422 == (await visitor.get(place, after="nonsense")).status_code


async def test_a_consent_is_one_line_of_the_list(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """The ledger's entry says it; what else was stored about the same yes, no or pause is no second line."""
    place = "/v1/candidates/c_ana"
    before = (await visitor.get(f"{place}/timeline")).json()["items"]
    said = {"purpose": "events", "source": "fair"}
    await visitor.post(f"{place}/consents", {**said, "state": "granted", "text": "Yes."})
    await visitor.post(f"{place}/consents", {**said, "state": "withdrawn"})
    until = {"until": (MONDAY + DAY).isoformat()}
    async with store.write() as tx:
        paused = Incoming(dedupe_key="p", kind="mails_paused", candidate="c_ana", at=MONDAY, detail=until)
        await take_in(tx, clock, paused)

    after = (await visitor.get(f"{place}/timeline")).json()["items"]

    assert [
        "consent events: granted (consent, fair)",
        "consent events: withdrawn (consent, fair)",
        "consent all: paused (consent, mails_paused), until 2026-03-03",
    ] == [line["text"] for line in after if line not in before]


async def test_two_records_are_made_one(visitor: Visitor) -> None:
    """The other one is named by id or address; told twice it is one merge, and the old id leads to the person."""
    await visitor.person("c_ben", city="Ulm", stage="rejected")
    place = "/v1/candidates/c_ana/merge"

    merged = [await visitor.post(place, {"email": "c_ben@people.example"}, key="one") for _ in range(2)]
    again = await visitor.post(place, {"candidate": "c_ben"})
    wrong = [
        (await visitor.post(place, body)).status_code
        for body in ({}, {"candidate": "c_x", "email": "c_x@people.example"}, {"candidate": "c_nobody"})
    ]

    assert [(200, "c_ana")] * 3 == [(each.status_code, each.json()["candidate"]) for each in (*merged, again)]
    assert [422, 422, 404] == wrong
    one = (await visitor.get("/v1/candidates/c_ben")).json()
    assert ("c_ana", "Ulm", "rejected") == tuple(one[key] for key in ("id", "city", "stage"))
    assert ["c_ben@people.example"] == one["further_addresses"]


async def test_a_filter_that_nothing_can_fit_is_said(visitor: Visitor) -> None:
    """An empty list would look as if there were nobody."""
    wrong = [await visitor.get("/v1/candidates", **{field: "nope"}) for field in ("pool", "stage")]

    assert [404, 422] == [answer.status_code for answer in wrong]


async def test_an_old_id_leads_to_the_person_at_these_doors_too(
    visitor: Visitor, store: Store, clock: StandingClock
) -> None:
    """After a merge, changes, addresses, visits and promises under the old id are those of the one person."""
    await visitor.person("c_ben")
    async with store.write() as tx:
        await merge_people(tx, clock, kept="c_ana", gone="c_ben", cause=Cause(text="twice", at=MONDAY))
    await visitor.post("/v1/calendar/fair-7", {"title": "Fair"})

    await visitor.http.patch("/v1/candidates/c_ben", json={"city": "Berlin"})
    await visitor.post("/v1/calendar/fair-7/attend", {"candidate": "c_ben"})
    said = {"recruiter": "anna-koch", "note": "Likes Rust", "follow_up": "Call"}
    talk = await visitor.post("/v1/candidates/c_ben/conversations", said)

    assert "Berlin" == (await visitor.get("/v1/candidates/c_ana")).json()["city"]
    assert "c_ana" == talk.json()["candidate"]
    assert "c_ana" == (await visitor.get("/v1/tasks")).json()["items"][0]["candidate"]
    known = (await visitor.get("/v1/candidates/c_ben/addresses")).json()
    assert ["c_ben@people.example"] == known["further"]
    [came] = (await visitor.get("/v1/calendar/fair-7/registrations")).json()["items"]
    assert "c_ana" == came["candidate"]
    texts = [line["text"] for line in (await visitor.get("/v1/candidates/c_ben/timeline")).json()["items"]]
    assert any(text.startswith("merged: c_ben became c_ana") for text in texts)
