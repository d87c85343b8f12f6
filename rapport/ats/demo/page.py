"""The demo ATS's one page: every application, with a button for each thing a recruiter may do, and a form to apply."""

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from rapport.ats.demo.world import DemoWorld

_DEEDS = {"reject": "Reject", "hire": "Hire", "withdraw": "They withdraw", "reopen": "Take it back"}
_SEE_OTHER = 303
_REASON = "Stronger candidate"
_FORM = """<h2>Somebody applies</h2><form method=post action="/apply">
<p><label>Email <input name=email type=email required></label>
<label>First name <input name=first_name required></label>
<label>Last name <input name=last_name required></label>
<label>Job <input name=job required></label>
<label>Stage <input name=stage value="onsite" required></label> <button>Apply</button></form>"""


def page(world: DemoWorld) -> Response:
    """The page."""
    lines = [
        f"<tr><td>{escape(_name(world, person))}</td><td>{escape(str(row.get('job') or ''))}</td>"
        f"<td>{escape(str(row.get('stage') or ''))}</td><td>{escape(str(row.get('status') or ''))}</td>"
        f"<td>{_buttons(number)}</td></tr>"
        for person, number, row in world.applications()
    ]
    head = "<tr><th>Person<th>Job<th>Stage<th>Status<th></tr>"
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Demo ATS</title><h1>Applications</h1>"
        f"<table>{head}{''.join(lines)}</table>{_FORM}</html>"
    )


def press(world: DemoWorld, application: str, deed: str) -> Response:
    """What a button does; then the page again."""
    try:
        match deed:
            case "reject":
                world.end(application, "rejected", reason=_REASON)
            case "hire":
                world.end(application, "hired")
            case "withdraw":
                world.end(application, "withdrawn")
            case "reopen":
                world.reopen(application)
            case _:
                return HTMLResponse("There is no such button.", status_code=404)
    except KeyError:
        return HTMLResponse("There is no such application.", status_code=404)
    return RedirectResponse("/", status_code=_SEE_OTHER)


def applied(world: DemoWorld, form: Mapping[str, str]) -> Response:
    """Somebody applies: whoever has the address, else somebody new."""
    email, job = form.get("email", "").strip(), form.get("job", "").strip()
    if "@" not in email or not job:
        return HTMLResponse("An address and a job are needed.", status_code=422)
    known = [name for name, person in world.present() if email.lower() in [each.lower() for each in person.emails]]
    names = {key: form.get(key, "").strip() for key in ("first_name", "last_name")}
    person = known[0] if known else world.new_person(emails=[email], **names)
    world.apply(person, job, stage=form.get("stage", "").strip() or "applied")
    return RedirectResponse("/", status_code=_SEE_OTHER)


def _buttons(number: str) -> str:
    return "".join(
        f'<form method=post action="/applications/{escape(quote(number, safe=""))}/{deed}" style="display:inline">'
        f"<button>{label}</button></form>"
        for deed, label in _DEEDS.items()
    )


def _name(world: DemoWorld, person: str) -> str:
    fields = world.people[person].fields
    return " ".join(str(fields[key]) for key in ("first_name", "last_name") if fields.get(key)) or person
