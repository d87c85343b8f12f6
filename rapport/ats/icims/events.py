"""Events of iCIMS: packed JSON without a signature, which a user and password of ours must come with."""

import base64
import hmac
import zlib
from collections.abc import Mapping, Sequence

from rapport.ats.signed import LARGEST, digest, refused, tree_of
from rapport.ats.told import name, text
from rapport.crm.hiring import AtsHint
from rapport.errors import BadInput

_GZIP = b"\x1f\x8b"
# zlib's word for a gzip header.
_WITH_GZIP_HEADER = 31


def read(headers: Mapping[str, str], body: bytes, *, secret: str | None, customer: str) -> Sequence[AtsHint]:
    """What a delivery claims; Refused unless it comes with basic authentication by `secret`, which is user:password."""
    if not secret:
        raise refused("no secret is set for this connection")
    right = b"Basic " + base64.b64encode(secret.encode())
    if not hmac.compare_digest(headers.get("authorization", "").encode(), right):
        raise refused("its user and password are other ones")
    plain = _unpacked(body)
    tree = tree_of(plain)
    if name(tree, "customerId") != customer:
        raise refused("it is about another customer")
    key, event = digest(plain), text(tree, "eventType") or ""
    workflow, person = name(tree, "systemId"), name(tree, "personId")
    if event == "WorkFlowStatusChangeEvent" and workflow is not None:
        return [AtsHint(key=key, kind="application", id=workflow, person=person)]
    return [AtsHint(key=key, kind="person", id=person) if person else AtsHint(key=key, kind="nothing")]


def _unpacked(body: bytes) -> bytes:
    """The plain bytes; BadInput for what is damaged, or has no end."""
    if not body.startswith(_GZIP):
        return body
    opened = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        plain = opened.decompress(body, LARGEST)
    except zlib.error as error:
        raise BadInput(place="webhook", message="the delivery is damaged", hint="Look at who sends it.") from error
    if opened.unconsumed_tail or not opened.eof:
        raise BadInput(place="webhook", message="the delivery is too large or cut", hint="Look at who sends it.")
    return plain
