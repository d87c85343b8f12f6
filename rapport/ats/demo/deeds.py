"""What the buttons of the demo ATS's page do."""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from rapport.ats.demo.world import DemoWorld

_SEE_OTHER = 303
_REASON = "Stronger candidate"


def press(world: DemoWorld, application: str, deed: str, form: Mapping[str, str]) -> Response:
    """What a button beside an application does; then the page again, where it was."""
    try:
        person, _ = world.find_application(application)
    except KeyError:
        return HTMLResponse("There is no such application.", status_code=404)
    match deed:
        case "reject":
            world.end(application, "rejected", reason=form.get("reason", "").strip() or _REASON)
        case "hire":
            world.end(application, "hired")
        case "withdraw":
            world.end(application, "withdrawn")
        case "reopen":
            world.reopen(application)
        case _:
            return HTMLResponse("There is no such button.", status_code=404)
    return _back_to(person)


def applied(world: DemoWorld, form: Mapping[str, str]) -> Response:
    """Somebody applies: whoever has the address, else somebody new."""
    email, job = form.get("email", "").strip(), form.get("job", "").strip()
    if "@" not in email or not job:
        return HTMLResponse("An address and a job are needed.", status_code=422)
    known = [name for name, person in world.present() if email.lower() in [each.lower() for each in person.emails]]
    names = {key: form.get(key, "").strip() for key in ("first_name", "last_name")}
    person = known[0] if known else world.new_person(emails=[email], **names)
    world.apply(person, job, stage=form.get("stage", "").strip() or "applied")
    return _back_to(person)


def merged(world: DemoWorld, person: str, form: Mapping[str, str]) -> Response:
    """Somebody is found to be somebody else, who stays."""
    present, kept = dict(world.present()), form.get("kept", "")
    if person not in present:
        return HTMLResponse("There is no such person.", status_code=404)
    if kept not in present or kept == person:
        return HTMLResponse("Somebody else has to be named.", status_code=422)
    world.merge(person, kept)
    return _back_to(kept)


def removed(world: DemoWorld, person: str) -> Response:
    """Somebody is deleted."""
    if person not in dict(world.present()):
        return HTMLResponse("There is no such person.", status_code=404)
    world.remove(person)
    return RedirectResponse("/", status_code=_SEE_OTHER)


def _back_to(person: str) -> Response:
    return RedirectResponse(f"/#{quote(person, safe='')}", status_code=_SEE_OTHER)
