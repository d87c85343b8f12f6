"""Webhooks of Greenhouse: signed over the raw body, and hints about what to read again."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.ats.signed import check_hex, digest, refused, tree_of
from rapport.ats.told import name, part
from rapport.crm.hiring import AtsHint

_SCHEME = "sha256"
_LONGEST_KEY = 200


def read(headers: Mapping[str, str], body: bytes, *, secret: str | None) -> Sequence[AtsHint]:
    """What a delivery claims; Refused unless `Signature: sha256 <hex>` is right. A ping claims nothing."""
    if not secret:
        raise refused("no secret is set for this connection")
    scheme, _, given = headers.get("signature", "").partition(" ")
    if scheme.lower() != _SCHEME:
        raise refused("it has no signature")
    check_hex(given.strip(), secret=secret, signed=body)
    tree = tree_of(body)
    key = headers.get("greenhouse-event-id", "")[:_LONGEST_KEY] or digest(body)
    return [_hint(key, str(tree.get("action")), part(tree, "payload"))]


def _hint(key: str, action: str, payload: Mapping[str, Any]) -> AtsHint:
    nothing = AtsHint(key=key, kind="nothing")
    application = part(payload, "application")
    if action in ("merge_candidate", "delete_candidate", "candidate_anonymized", "update_candidate"):
        return _of_person(key, action, payload) or nothing
    if action.startswith("job_") and not action.startswith(("job_post", "job_interview")):
        number = name(part(payload, "job")) or name(payload)
        return AtsHint(key=key, kind="job", id=number) if number else nothing
    number = name(application) or name(payload, "application_id")
    person = name(part(application, "candidate")) or name(application, "candidate_id") or name(payload, "candidate_id")
    # A ping carries the id of some application, which is no news.
    return AtsHint(key=key, kind="application", id=number, person=person) if number and action != "ping" else nothing


def _of_person(key: str, action: str, payload: Mapping[str, Any]) -> AtsHint | None:
    someone = part(payload, "person") or part(payload, "candidate")
    number = name(someone) or name(payload, "candidate_id") or name(payload, "person_id") or name(payload)
    if number is None:
        return None
    match action:
        case "merge_candidate":
            new = name(someone, "new_candidate_id") or name(payload, "new_candidate_id")
            return AtsHint(key=key, kind="merged", id=number, new_id=new)
        case "delete_candidate":
            return AtsHint(key=key, kind="deleted", id=number)
        case "candidate_anonymized":
            return AtsHint(key=key, kind="anonymized", id=number)
        case _:
            return AtsHint(key=key, kind="person", id=number)
