"""The demo ATS's one page: every application, with a button for each thing a recruiter may do."""

from html import escape

from starlette.responses import HTMLResponse, RedirectResponse, Response

from rapport.ats.demo.world import DemoWorld, numbered

_DEEDS = {"reject": "Reject", "hire": "Hire", "withdraw": "They withdraw", "reopen": "Take it back"}
_SEE_OTHER = 303
_REASON = "stronger-candidate"


def page(world: DemoWorld) -> Response:
    """The page."""
    lines = [
        f"<tr><td>{escape(_name(world, person))}</td><td>{escape(str(row.get('job') or ''))}</td>"
        f"<td>{escape(str(row.get('stage') or ''))}</td><td>{escape(str(row.get('status') or ''))}</td>"
        f"<td>{_buttons(number)}</td></tr>"
        for person, known in world.people.items()
        for number, row in numbered(person, known)
    ]
    head = "<tr><th>Person<th>Job<th>Stage<th>Status<th></tr>"
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Demo ATS</title><h1>Applications</h1>"
        f"<table>{head}{''.join(lines)}</table></html>"
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


def _buttons(number: str) -> str:
    return "".join(
        f'<form method=post action="/applications/{escape(number)}/{deed}" style="display:inline">'
        f"<button>{label}</button></form>"
        for deed, label in _DEEDS.items()
    )


def _name(world: DemoWorld, person: str) -> str:
    fields = world.people[person].fields
    return " ".join(str(fields[key]) for key in ("first_name", "last_name") if fields.get(key)) or person
