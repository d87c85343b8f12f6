"""Events over HTTP: made, changed, called off; people register, come, and are promised things."""

import io
from datetime import timedelta

from rapport.store.database import Store
from rapport.usecases.check_in import CheckIn, check_in
from tests.api.doors import Visitor
from tests.unit.store.worlds import StandingClock

FAIR = "/v1/calendar/fair-7"


async def test_an_event_is_made_changed_and_called_off_once(visitor: Visitor, clock: StandingClock) -> None:
    """The same news again is none; a wrong date is refused by its name."""
    made = await visitor.post(FAIR, {"title": "Fair", "starts_at": "2026-04-01T10:00", "zone": "Europe/Berlin"})
    same = await visitor.post(FAIR, {"title": "Fair"})
    wrong = await visitor.post(FAIR, {"starts_at": "in spring"})
    clock.at += timedelta(hours=1)
    off = [await visitor.post(f"{FAIR}/cancel") for _ in range(2)]

    assert [True, False] == [made.json()["new"], same.json()["new"]]
    assert (422, "starts_at") == (wrong.status_code, wrong.json()["errors"][0]["place"])
    assert [True, False] == [answer.json()["new"] for answer in off]
    assert (await visitor.get(FAIR)).json()["cancelled"]
    assert 404 == (await visitor.post("/v1/calendar/none/cancel")).status_code


async def test_the_last_word_of_a_person_counts(visitor: Visitor, clock: StandingClock) -> None:
    """Registered, cancelled, registered again, came: each once, and told again it is no news."""
    await visitor.post(FAIR, {"title": "Fair"})
    news = []
    for word in ("register", "register", "unregister", "register", "attend", "attend", "register"):
        clock.at += timedelta(minutes=1)
        news.append((await visitor.post(f"{FAIR}/{word}", {"candidate": "c_ana"})).json()["new"])

    assert [True, False, True, True, True, False, False] == news
    [known] = (await visitor.get(f"{FAIR}/registrations")).json()["items"]
    assert ("c_ana", "attended") == (known["candidate"], known["word"])
    assert "consideration" == (await visitor.get("/v1/candidates/c_ana")).json()["stage"]


async def test_an_event_may_have_slashes_in_its_id(visitor: Visitor) -> None:
    """Webinars are called like that by their vendors; every call reaches them, with the slash written as %2F."""
    told = {"kind": "registered_for_event", "candidate": "c_ana", "event": {"id": "zoom/aB==/1", "title": "Talk"}}
    await visitor.post("/v1/events", told)
    place = "/v1/calendar/zoom%2FaB==%2F1"

    changed = await visitor.post(place, {"city": "Ulm"})
    came = await visitor.post(f"{place}/attend", {"candidate": "c_ana"})
    shown, [known] = await visitor.get(place), (await visitor.get(f"{place}/registrations")).json()["items"]
    off = await visitor.post(f"{place}/cancel")

    assert [200, 200, 200] == [answer.status_code for answer in (changed, came, off)]
    assert ("zoom/aB==/1", "Talk", "Ulm") == tuple(shown.json()[name] for name in ("id", "title", "city"))
    assert ("c_ana", "attended") == (known["candidate"], known["word"])


async def test_a_check_in_list_counts_once_and_names_strangers(
    visitor: Visitor, store: Store, clock: StandingClock
) -> None:
    """A dry run stores nothing; strangers are named by line or added without consent; twice changes nothing."""
    await visitor.post(FAIR, {"title": "Fair"})
    text = b"email,id,first_name\nc_ana@people.example,,\nNew@people.example,,Nia\n,c_nobody,\n,,x\nno address,,\n"

    async def run(*, add: bool, dry: bool) -> tuple[int, int, int, list[int]]:
        asked = CheckIn(event="fair-7", by="test", add=add, dry_run=dry, pepper=visitor.settings.pepper)
        report = await check_in(store, clock, io.BytesIO(text), asked)
        lines = sorted(problem.line for problem in report.problems)
        return report.came, report.known, report.added, lines

    assert (1, 0, 0, [3, 4, 5, 6]) == await run(add=False, dry=True)
    assert (2, 0, 1, [4, 5, 6]) == await run(add=True, dry=True)
    assert 1 == len((await visitor.get("/v1/candidates")).json()["items"])
    assert (2, 0, 1, [4, 5, 6]) == await run(add=True, dry=False)
    assert (0, 2, 0, [4, 5, 6]) == await run(add=True, dry=False)
    [nia] = (await visitor.get("/v1/candidates", name="nia")).json()["items"]
    assert "event:fair-7" == nia["source"]


async def test_a_promise_is_a_task_and_a_note_is_in_the_timeline(visitor: Visitor) -> None:
    """What was said at the fair is kept once; what was promised waits for the recruiter, and is ticked off."""
    await visitor.post(FAIR, {"title": "Fair"})
    said = {"recruiter": "anna-koch", "note": "Likes Rust", "event": "fair-7", "follow_up": "Send the job list"}
    place = "/v1/candidates/c_ana/conversations"

    kept = [await visitor.post(place, {**said, "due_on": "2026-03-06"}, key="talk") for _ in range(2)]
    stranger = await visitor.post(place, {**said, "recruiter": "eve"})

    task = kept[0].json()["task"]
    assert [201, 201, 422] == [answer.status_code for answer in (*kept, stranger)]
    [open_one] = (await visitor.get("/v1/tasks", assignee="anna-koch", state="open")).json()["items"]
    assert (task, "2026-03-06T17:00:00Z") == (open_one["id"], open_one["due_at"])
    texts = [line["text"] for line in (await visitor.get("/v1/candidates/c_ana/timeline")).json()["items"]]
    assert "anna-koch talked with them at fair-7: Likes Rust" in texts
    done = await visitor.post(f"/v1/tasks/{task}/done", {"by": "anna-koch"})
    assert ("done", "anna-koch") == (done.json()["state"], done.json()["done_by"])
    assert [] == (await visitor.get("/v1/tasks", overdue=True)).json()["items"]
    assert "open" == (await visitor.post(f"/v1/tasks/{task}/reopen")).json()["state"]
    assert 422 == (await visitor.post(f"/v1/tasks/{task}/reassign", {"assignee": "eve"})).status_code

    await visitor.post("/v1/events", {"kind": "erased", "candidate": "c_ana"})
    left = (await visitor.get("/v1/candidates/c_ana/timeline")).text
    assert "Rust" not in left
    assert [] == (await visitor.get("/v1/tasks")).json()["items"]
