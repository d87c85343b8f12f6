"""Webhooks of Lever: the signature covers a token and a time, so nothing else of a delivery is believed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rapport.ats.signed import check_any_hex, refused, tree_of
from rapport.ats.told import moment, name, part, text
from rapport.crm.hiring import AtsHint

# Deliveries may come again for a while; an older one is somebody's recording.
_OLDEST, _CLOCKS_DIFFER = timedelta(days=1), timedelta(minutes=5)


def read(body: bytes, *, secrets: str | None, now: datetime) -> Sequence[AtsHint]:
    """What a delivery claims; Refused unless its token is signed with one of our secrets, not long ago.

    Lever has a secret for each webhook: several are written with commas between them. The token is the key, for it
    is signed: whoever sends it again with other data tells nothing new.
    """
    if not secrets:
        raise refused("no secret is set for this connection")
    tree = tree_of(body)
    token, at = text(tree, "token") or "", tree.get("triggeredAt")
    check_any_hex(str(tree.get("signature") or ""), secrets=secrets.split(","), signed=f"{token}{at}".encode())
    moment_of = moment(tree, "triggeredAt")
    if moment_of is None or not token or not -_CLOCKS_DIFFER <= now - moment_of <= _OLDEST:
        raise refused("it is too old")
    return [_hint(token, str(tree.get("event")), part(tree, "data"))]


def _hint(key: str, event: str, data: Mapping[str, Any]) -> AtsHint:
    opportunity, contact = name(data, "opportunityId"), name(data, "contactId")
    if event == "candidateDeleted" and contact is not None:
        return AtsHint(key=key, kind="deleted", id=contact)
    if contact is not None and event.startswith("contact"):
        return AtsHint(key=key, kind="person", id=contact)
    if opportunity is not None:
        return AtsHint(key=key, kind="application", id=opportunity, person=contact)
    # The test of a connection names no opportunity.
    return AtsHint(key=key, kind="nothing")
