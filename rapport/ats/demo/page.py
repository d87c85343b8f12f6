"""The demo ATS's one page: everybody with their applications, a button for each deed, and a form to apply."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from rapport.ats.demo.courier import Waiting
from rapport.ats.demo.world import DemoWorld, Person, numbered

_LOOK = """:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
section,.waits{border:1px solid GrayText;border-radius:.5rem;padding:.5rem 1rem;margin:1rem 0}
section:target{border-color:Highlight;border-width:2px}
h2{font-size:1.2rem;margin:.25rem 0}p{margin:.25rem 0}ul{padding-left:1.2rem;margin:.25rem 0}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
.deeds{display:flex;flex-wrap:wrap;column-gap:.5rem}
label{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:center}
button,input,select,summary{font:inherit;min-height:2.5rem;max-width:100%}summary{line-height:2.5rem}
:focus-visible{outline:3px solid Highlight;outline-offset:2px}"""
_FORM = """<section aria-labelledby=apply><h2 id=apply>Somebody applies</h2><form method=post action="/apply">
<label>Email <input name=email type=email required></label>
<label>First name <input name=first_name required></label>
<label>Last name <input name=last_name required></label>
<label>Job <input name=job required></label>
<label>Stage <input name=stage value="onsite" required></label> <button>Apply</button></form></section>"""


def page(world: DemoWorld, waiting: Sequence[Waiting]) -> Response:
    """The page."""
    everybody = world.present()
    people = "".join(_person(world, name, known) for name, known in everybody) or "<p>Nobody has applied yet."
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Demo ATS</title>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<style>{_LOOK}</style><main><h1>Demo ATS</h1>{_waits(waiting)}{people}{_FORM}</main></html>"
    )


def _waits(waiting: Sequence[Waiting]) -> str:
    if not waiting:
        return ""
    soonest = min(one.due_at for one in waiting)[:19].replace("T", " ")
    return (
        f"<div class=waits role=status><p>Webhooks that were not taken: {len(waiting)}. Next try: {soonest} UTC.</p>"
        "<form method=post action=/deliveries><button>Try now</button></form></div>"
    )


def _person(world: DemoWorld, name: str, known: Person) -> str:
    rows = "".join(_application(world, number, row, whose=_name(name, known)) for number, row in numbered(name, known))
    said = "".join(f"<p>{label}: {escape(', '.join(values))}" for label, values in _lists(known) if values)
    notes = "".join(f"<li>{escape(str(note.get('text') or '')[:200])}" for note in known.notes)
    return (
        f'<section id="{escape(quote(name, safe=""))}" tabindex=-1><h2>{escape(_name(name, known))}</h2>{said}'
        f"{rows}{f'<p>Notes:<ul>{notes}</ul>' if notes else ''}{_more(world, name, known)}</section>"
    )


def _lists(known: Person) -> Sequence[tuple[str, Sequence[str]]]:
    return (("Email", known.emails), ("Tags", known.tags), ("Pools", known.pools))


def _application(world: DemoWorld, number: str, row: Mapping[str, Any], *, whose: str) -> str:
    """What it stands at, and only the buttons that it can be ended or taken back by."""
    job, status = str(row.get("job") or ""), str(row.get("status") or "active")
    words = [job, str(row.get("stage") or ""), status, str(row.get("reason") or "")]
    said = f"<p>{escape(' · '.join(word for word in words if word))}</p>"
    about = f"{whose}, {job}"
    if status != "active":
        return said + _button(number, "reopen", "Take it back", about)
    # Those that are declared come first, so that the first one is the usual one.
    reasons = [text for text, by in {**world.reasons, **world.all_reasons()}.items() if by == "us"]
    options = "".join(f"<option>{escape(reason)}" for reason in reasons)
    chosen = f'<select name=reason aria-label="Reason for {escape(about)}">{options}</select>'
    buttons = _button(number, "hire", "Hire", about) + _button(number, "withdraw", "They withdraw", about)
    return f"{said}<div class=deeds>{_button(number, 'reject', 'Reject', about, beside=chosen)}{buttons}</div>"


def _button(number: str, deed: str, label: str, about: str, *, beside: str = "") -> str:
    return (
        f'<form method=post action="/applications/{escape(quote(number, safe=""))}/{deed}">'
        f'<button aria-label="{escape(f"{label}: {about}")}">{label}</button>{beside}</form>'
    )


def _more(world: DemoWorld, name: str, known: Person) -> str:
    at, called = escape(quote(name, safe="")), escape(_name(name, known))
    others = "".join(
        f'<option value="{escape(other)}">{escape(_name(other, person))}'
        for other, person in world.present()
        if other != name
    )
    merge = (
        f'<form method=post action="/people/{at}/merge"><label>Is the same person as <select name=kept>{others}'
        f'</select></label><button aria-label="Merge {called}">Merge</button></form>'
    )
    return (
        f'<details><summary aria-label="More about {called}">More</summary>{merge if others else ""}'
        f'<form method=post action="/people/{at}/delete"><button aria-label="Delete {called}">Delete</button></form>'
        "</details>"
    )


def _name(person: str, known: Person) -> str:
    return " ".join(str(known.fields[key]) for key in ("first_name", "last_name") if known.fields.get(key)) or person
