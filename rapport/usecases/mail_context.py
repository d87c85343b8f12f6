"""What a mail, a note or a task may say of a person: plain data, every field of the catalogue, None where unknown."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from rapport.dsl.catalogue import Kind, fields_with
from rapport.dsl.model import Ats, Send
from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.engine.fields import MISSING, date_field, look_up
from rapport.engine.places import home_of_organization, person_zone, zone_named
from rapport.engine.situation import Situation
from rapport.mail.merge import Merge
from rapport.mail.sandbox import Sandbox

_ROOM = 10_000  # characters that values may add to a note or a title


def context_of(
    situation: Situation, plan: Plan, project: Project, *, sender: tuple[str, str], paths: Iterable[str] = ()
) -> dict[str, Any]:
    """Everything by its name in the language; `paths` are fields of what was read, which may be missing."""
    context: dict[str, Any] = {"candidate": {}, "event": {}, "application": {}}
    for path, kind in fields_with(project.custom_fields).items():
        _put(context, path, _spoken(path, kind, situation, project))
    context["mail"] = {node.id: _became(node.id, situation) for node in plan.nodes if isinstance(node.action, Send)}
    for name in _read_names(plan):
        context[name] = {key: value for key, value in situation.reads.get(name, {}).items() if _is_plain(value)}
        for path in paths:
            _fill(context, path, name)
    context["sender"] = {"name": sender[0], "email": sender[1]}
    context["organization"] = asdict(project.organization)
    context["roles"] = [dict(role) for role in situation.roles]
    return context


def fill_in(text: str, context: dict[str, Any], *, nonce: str, file: str) -> str:
    """Fill in a note or a title: no Markdown, no links.

    Raises BadInput for a mistake in the text, and DataMissing when the person lacks a field that it needs.
    """
    merge = Merge(nonce=nonce, room=_ROOM)
    return merge.plain(Sandbox(merge).fill(text, context, file=file)).strip()


def _spoken(path: str, kind: Kind, situation: Situation, project: Project) -> Any:
    """The value; dates as their reader knows them: an event's in its own zone, all others in the candidate's."""
    if kind is not Kind.DATE:
        value = look_up(path, situation)
        return None if value is MISSING else value
    found: datetime | date | None = date_field(path, situation, project)
    if not isinstance(found, datetime):
        return found
    if not path.startswith("event."):
        return found.astimezone(person_zone(situation, project))
    return found.astimezone(zone_named(situation.event.get("zone"), otherwise=home_of_organization(project).zone))


def _became(step: str, situation: Situation) -> Any:
    value = look_up(f"mail.{step}", situation)
    return [] if value is MISSING else value


def _put(context: dict[str, Any], path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        context = context.setdefault(parent, {})
    context[name] = value


def _fill(context: dict[str, Any], path: str, root: str) -> None:
    """Make sure that a field of what was read is there, empty if need be."""
    head, *rest = path.split(".")
    if head != root or not rest:
        return
    tree = context[root]
    for part in rest[:-1]:
        tree = tree.setdefault(part, {}) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree.setdefault(rest[-1], None)


def _read_names(plan: Plan) -> list[str]:
    reads = (node.action for node in plan.nodes if isinstance(node.action, Ats) and node.action.how == "read")
    return [read.save_as or read.what for read in reads]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | date | list | dict)
