"""What the demo ATS tells a webhook, in the form of the vendor that it speaks for, signed as that one signs."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from rapport.ats.demo.lever_rows import archived
from rapport.ats.demo.logins import SIGNATURE
from rapport.ats.demo.world import DemoWorld

Delivery: TypeAlias = tuple[dict[str, str], bytes]
_GREENHOUSE = {
    "applied": "new_candidate_application",
    "rejected": "reject_candidate",
    "withdrawn": "reject_candidate",
    "hired": "hire_candidate",
    "reopened": "unreject_candidate",
    "unhired": "unhire_candidate",
    "changed": "candidate_stage_change",
    "person": "update_candidate",
    "merged": "merge_candidate",
    "deleted": "delete_candidate",
    "anonymized": "candidate_anonymized",
    "job": "job_updated",
}
_LEVER = {
    "applied": "applicationCreated",
    "hired": "candidateHired",
    "changed": "candidateStageChange",
    "person": "contactUpdated",
    "deleted": "candidateDeleted",
}
_LEVER_ARCHIVES = ("rejected", "withdrawn", "reopened", "unhired")
# Nobody is told of a rejection: whoever wants to know polls.
_WORKABLE = {
    "applied": "candidate_created",
    "changed": "candidate_moved",
    "hired": "candidate_moved",
    "unhired": "candidate_moved",
    "deleted": "candidate_deleted",
}


def deliveries(world: DemoWorld, told: Mapping[str, Any], *, speaks: str, secret: str) -> list[Delivery]:
    """The headers and the body of each delivery; none when this vendor tells nobody of such a thing, or it is gone."""
    if told["kind"] == "application" and told["id"] not in [number for _, number, _ in world.applications()]:
        return []  # it was deleted before anybody could be told
    match speaks:
        case "greenhouse":
            return [_greenhouse(world, told, secret)]
        case "lever":
            return _lever(world, told, secret)
        case "workable":
            return _workable(world, told, secret)
        case _:
            body = json.dumps(told).encode()
            return [(signed(body, secret), body)]


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers of a delivery in the demo ATS's own form."""
    return {**_JSON, SIGNATURE: _hex(body, secret)}


_JSON = {"content-type": "application/json"}


def _hex(signs: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), signs, hashlib.sha256).hexdigest()


def _greenhouse(world: DemoWorld, told: Mapping[str, Any], secret: str) -> Delivery:
    tree = {"action": _GREENHOUSE[str(told.get("deed") or told["kind"])], "payload": _payload(world, told)}
    # Greenhouse signs what it sends, with these letters escaped.
    text = json.dumps(tree).replace("<", "\\u003c").replace(">", "\\u003e")
    key = f"{told['delivery']}-{_hex(text.encode(), '')[:8]}"
    return {**_JSON, "signature": f"sha256 {_hex(text.encode(), secret)}", "greenhouse-event-id": key}, text.encode()


def _payload(world: DemoWorld, told: Mapping[str, Any]) -> dict[str, Any]:
    match told["kind"]:
        case "application":
            return {"application": _application(world, told)}
        case "job":
            return {"job": {"id": world.number("job", told["id"])}}
        case "merged":
            old, new = world.number("person", told["id"]), world.number("person", told["new_id"])
            return {"person": {"id": old, "new_candidate_id": new}}
        case "deleted":
            return {"person": {"id": world.number("person", told["id"])}}
        case "anonymized":
            return {"candidate_id": world.number("person", told["id"]), "anonymized_fields": ["full_name"]}
        case _:
            return {"candidate": {"id": world.number("person", told["id"])}}


def _application(world: DemoWorld, told: Mapping[str, Any]) -> dict[str, Any]:
    _, row = world.find_application(str(told["id"]))
    status, why = str(row.get("status") or "active"), world.why(row)
    return {
        "id": world.number("application", told["id"]),
        "status": status if status in ("active", "hired") else "rejected",
        "prospect": row.get("is_prospect") is True,
        "rejection_reason": {"id": world.number("reason", why), "name": why} if why and status != "hired" else None,
        "candidate": {"id": world.number("person", told["person"])},
        "jobs": [{"id": world.number("job", str(row.get("job_id"))), "name": row.get("job")}],
    }


def _lever(world: DemoWorld, told: Mapping[str, Any], secret: str) -> list[Delivery]:
    deed = str(told.get("deed") or told["kind"])
    event = "candidateArchiveChange" if deed in _LEVER_ARCHIVES else _LEVER.get(deed)
    if event is None:
        return []
    at = int(world.moment().timestamp() * 1000)
    tree = {"event": event, "triggeredAt": at, "token": f"{told['delivery']}-{at}", "data": _lever_data(world, told)}
    signature = _hex(f"{tree['token']}{at}".encode(), secret)
    return [(dict(_JSON), json.dumps({**tree, "signature": signature}).encode())]


def _lever_data(world: DemoWorld, told: Mapping[str, Any]) -> dict[str, Any]:
    if told["kind"] != "application":
        return {"contactId": told["id"]}
    _, row = world.find_application(str(told["id"]))
    return {"contactId": told["person"], "opportunityId": told["id"], "toArchived": archived(world, row)}


def _workable(world: DemoWorld, told: Mapping[str, Any], secret: str) -> list[Delivery]:
    event = _WORKABLE.get(str(told.get("deed") or told["kind"]))
    if event is None:
        return []
    # Whoever applied is a candidate for each application, and each of them is deleted.
    gone = [str(number) for number in told.get("applications", ())]
    return [_of_candidate(world, told, event, each, secret) for each in gone or [str(told["id"])]]


def _of_candidate(world: DemoWorld, told: Mapping[str, Any], event: str, candidate: str, secret: str) -> Delivery:
    number = f"{told['delivery']}-{candidate}"
    tree = {"id": number, "event_type": event, "resource_type": "candidate", "data": {"id": candidate}}
    body = json.dumps({**tree, "fired_at": world.moment().isoformat()}).encode()
    return {**_JSON, "x-workable-signature": _hex(body, secret)}, body
