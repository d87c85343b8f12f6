"""What deliveries of webhooks have in common: HMAC over bytes, JSON of a bounded size, and one refusal."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rapport.errors import BadInput, Refused

# The largest delivery documented is a candidate with all fields, far below a megabyte.
LARGEST = 4 * 1024 * 1024
_HEX_LETTERS = 64


def refused(why: str) -> Refused:
    """A delivery that nobody has proven to be the ATS's."""
    return Refused(
        reason="bad_signature",
        message=f"The delivery is not proven to be the ATS's: {why}.",
        hint="Look at the secret.",
    )


def check_hex(given: str, *, secret: str, signed: bytes) -> None:
    """Refused unless `given` is the HMAC-SHA256 of these bytes in hex; takes the same time for every wrong one."""
    check_any_hex(given, secrets=[secret], signed=signed)


def check_any_hex(given: str, *, secrets: Sequence[str], signed: bytes) -> None:
    """Refused unless `given` is right with one of these secrets."""
    if len(given) != _HEX_LETTERS or not given.isascii():
        raise refused("its signature is another one" if given else "it has no signature")
    usable = [secret.strip() for secret in secrets if secret.strip()]
    right = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in usable]
    # A list, not a generator: how many were compared says nothing of which one is right.
    if not any([hmac.compare_digest(given.lower(), each) for each in right]):  # noqa: C419
        raise refused("its signature is another one")


def tree_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a delivery; BadInput for anything else."""
    if len(body) > LARGEST:
        raise BadInput(place="webhook", message="the delivery is too large", hint="Look at who sends it.")
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(place="webhook", message="the delivery is not JSON", hint="Look at who sends it.") from error
    if not isinstance(tree, dict):
        raise BadInput(place="webhook", message="the delivery is no JSON object", hint="Look at who sends it.")
    return tree


def digest(body: bytes) -> str:
    """A key for deliveries that have none of their own: the same bytes are the same delivery."""
    return hashlib.sha256(body).hexdigest()
