"""Webhooks: what is not proven to be the ATS's is refused, and what is proven is a hint and no more."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.ats.demo.deliveries import signed
from rapport.ats.greenhouse import hints as greenhouse
from rapport.ats.icims import events
from rapport.ats.lever import hints as lever
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.crm.hiring import AtsHint
from rapport.dsl.project import AtsConnection
from rapport.errors import BadInput, RapportError, Refused
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import OpenGate

KEY = "the secret of a webhook"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VECTORS = Path(__file__).parents[4] / "shared/data/ats"


def hexed(body: bytes, key: str = KEY) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def from_greenhouse(tree: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """A delivery of Greenhouse."""
    body = json.dumps(tree).encode()
    return {"signature": f"sha256 {hexed(body)}", "greenhouse-event-id": "e1"}, body


def from_lever(at: datetime = NOW, **tree: Any) -> bytes:
    """A delivery of Lever."""
    token, stamp = "t0k3n", int(at.timestamp() * 1000)
    signature = hexed(f"{token}{stamp}".encode())
    return json.dumps({"token": token, "triggeredAt": stamp, "signature": signature} | tree).encode()


def adapter(vendor: str, login: str) -> AtsVendor:
    """An adapter that never calls anybody."""
    environ = {"LOGIN": login, "HOOK": KEY}
    connection = AtsConnection(key="main", vendor=vendor, credentials="LOGIN", webhook_secret="HOOK")  # noqa: S106
    return Registry(environ, gate=OpenGate(), clock=SystemClock()).vendor_of(connection)


def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, mtime=0)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (
            {"action": "reject_candidate", "payload": {"application": {"id": 5, "candidate": {"id": 7}}}},
            AtsHint(key="e1", kind="application", id="5", person="7"),
        ),
        ({"action": "update_candidate", "payload": {"candidate": {"id": 7}}}, AtsHint(key="e1", kind="person", id="7")),
        (
            {"action": "merge_candidate", "payload": {"person": {"id": 7, "new_candidate_id": 9}}},
            AtsHint(key="e1", kind="merged", id="7", new_id="9"),
        ),
        ({"action": "delete_candidate", "payload": {"person": {"id": 7}}}, AtsHint(key="e1", kind="deleted", id="7")),
        (
            {"action": "candidate_anonymized", "payload": {"candidate_id": 7, "anonymized_fields": ["full_name"]}},
            AtsHint(key="e1", kind="anonymized", id="7"),
        ),
        ({"action": "job_updated", "payload": {"job": {"id": 3}}}, AtsHint(key="e1", kind="job", id="3")),
        ({"action": "ping", "payload": {"application_id": 46194062}}, AtsHint(key="e1", kind="nothing")),
        ({"action": "department_deleted", "payload": {"id": 1}}, AtsHint(key="e1", kind="nothing")),
        ({"action": 7, "payload": ["odd"]}, AtsHint(key="e1", kind="nothing")),
    ],
)
def test_greenhouse_says_what_to_read(tree: Mapping[str, Any], expected: AtsHint) -> None:
    """A delivery names an object; a ping, and what we keep nothing of, names none."""
    headers, body = from_greenhouse(tree)

    assert [expected] == list(greenhouse.read(headers, body, secret=KEY))


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_is_refused(place: int, bit: int) -> None:
    """A delivery that was changed anywhere on its way is refused."""
    headers, body = from_greenhouse({"action": "reject_candidate", "payload": {"application": {"id": 5}}})
    flipped = bytearray(body)
    flipped[place % len(body)] ^= 1 << bit

    with pytest.raises(Refused):
        greenhouse.read(headers, bytes(flipped), secret=KEY)


@pytest.mark.parametrize("signature", ["", "sha256", "sha256 ", "sha256=00", "md5 00", "sha256 " + "é" * 64])
def test_forged_signatures_are_refused(signature: str) -> None:
    """Nothing, half of one, or another scheme proves nothing."""
    headers, body = from_greenhouse({"action": "ping"})

    with pytest.raises(Refused):
        greenhouse.read({**headers, "signature": signature}, body, secret=KEY)
    with pytest.raises(Refused):
        greenhouse.read(headers, body[:-1], secret=KEY)
    with pytest.raises(Refused):
        greenhouse.read(headers, body, secret=None)


def test_the_recorded_vectors_of_greenhouse_are_right() -> None:
    """Bytes are checked as they came, with their escapes."""
    file = VECTORS / "greenhouse/webhook_signature_vectors_COMPOSED.json"
    if not file.exists():
        pytest.skip(f"{file} is not here")
    for vector in json.loads(file.read_text()):
        headers = {"signature": vector["signature_header"]}

        assert len(greenhouse.read(headers, vector["raw_body"].encode(), secret=vector["secret"])) == 1


def test_lever_says_what_to_read() -> None:
    """The token is what makes a delivery the same: it is signed, and nothing else is."""
    data = {"opportunityId": "o1", "contactId": "c1"}
    archived = lever.read(from_lever(event="candidateArchiveChange", data=data), secrets=f"other,{KEY}", now=NOW)
    deleted = lever.read(from_lever(event="candidateDeleted", data=data), secrets=KEY, now=NOW)
    tested = lever.read(from_lever(event="candidateHired", data={}), secrets=KEY, now=NOW)

    assert [AtsHint(key="t0k3n", kind="application", id="o1", person="c1")] == list(archived)
    assert [AtsHint(key="t0k3n", kind="deleted", id="c1")] == list(deleted)
    assert [AtsHint(key="t0k3n", kind="nothing")] == list(tested)


@pytest.mark.parametrize("age", [timedelta(days=2), timedelta(minutes=-10)])
def test_old_deliveries_of_lever_are_refused(age: timedelta) -> None:
    """Somebody's recording of a delivery proves nothing after a day."""
    with pytest.raises(Refused):
        lever.read(from_lever(NOW - age, event="candidateHired"), secrets=KEY, now=NOW)


@pytest.mark.parametrize("change", [{"token": "x"}, {"triggeredAt": 1}, {"signature": ""}, {"signature": None}])
def test_forged_deliveries_of_lever_are_refused(change: Mapping[str, Any]) -> None:
    """The token and the time are what is signed."""
    with pytest.raises(Refused):
        lever.read(from_lever(event="candidateHired", **change), secrets=KEY, now=NOW)


def test_the_recorded_vector_of_lever_is_right() -> None:
    """A composed delivery with the signature of six public receivers."""
    file = VECTORS / "lever/webhook_candidateArchiveChange_COMPOSED.json"
    if not file.exists():
        pytest.skip(f"{file} is not here")
    at = datetime.fromtimestamp(1782973996.5, UTC)
    found = lever.read(file.read_bytes(), secrets="test-lever-signature-token", now=at)

    assert ["application"] == [hint.kind for hint in found]


def test_workable_and_the_demo_sign_the_bytes() -> None:
    """Both sign the body; a flipped byte is refused."""
    body = json.dumps({"id": "w1", "event_type": "candidate_moved", "data": {"id": "27"}}).encode()
    workable = adapter("workable", "acme:token")
    demo, told = adapter("demo", "http://127.0.0.1:1"), b'{"delivery":"d-1","kind":"merged","id":"a","new_id":"b"}'

    assert [AtsHint(key="w1", kind="person", id="27")] == list(
        workable.hints({"x-workable-signature": hexed(body)}, body)
    )
    assert [AtsHint(key="d-1", kind="merged", id="a", new_id="b")] == list(demo.hints(signed(told, KEY), told))
    with pytest.raises(Refused):
        workable.hints({"x-workable-signature": hexed(body)}, body + b" ")
    with pytest.raises(Refused):
        demo.hints(signed(told, "another"), told)


def test_icims_comes_packed_and_with_a_password() -> None:
    """An event of iCIMS has no signature: it has to come with the user and password that we gave it."""
    tree = {"eventType": "WorkFlowStatusChangeEvent", "customerId": "12", "systemId": 5, "personId": 7}
    headers = {"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}
    body = _packed(json.dumps(tree).encode())
    found = events.read(headers, body, secret=KEY, customer="12")

    assert [("application", "5", "7")] == [(hint.kind, hint.id, hint.person) for hint in found]
    with pytest.raises(Refused):
        events.read({}, body, secret=KEY, customer="12")
    with pytest.raises(Refused):
        events.read(headers, body, secret=KEY, customer="13")


@pytest.mark.parametrize(
    "body",
    [_packed(b"\0" * 40_000_000), _packed(b"{}")[:-3], b"\x1f\x8bnonsense", b"[1]", b"[" * 100_000],
    ids=["bomb", "cut", "nonsense", "list", "deep"],
)
def test_bombs_and_pieces_are_refused(body: bytes) -> None:
    """A delivery that unpacks without an end, or is damaged, is refused before it costs memory."""
    headers = {"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}

    with pytest.raises(BadInput):
        events.read(headers, body, secret=KEY, customer="12")


@given(body=st.binary(max_size=200))
def test_no_bytes_break_a_reader(body: bytes) -> None:
    """Whatever is signed with our secret is read, or refused in our words."""
    with suppress(RapportError):
        greenhouse.read({"signature": f"sha256 {hexed(body)}"}, body, secret=KEY)
    with suppress(RapportError):
        lever.read(body, secrets=KEY, now=NOW)
