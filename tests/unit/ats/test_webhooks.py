"""Webhooks are signed, go nowhere they should not, and carry the key that makes a second call harmless."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapport.ats import reachable
from rapport.ats.demo.serving import served
from rapport.ats.reachable import place_of
from rapport.ats.webhooks import HttpWebhooks, signature
from rapport.dsl.project import WebhookTarget
from rapport.errors import BadInput, ConfigurationError, NotFound, TemporaryFailure

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = "flow/c_ana/1:hook"


class Noon:
    """It is always noon."""

    def now(self) -> datetime:
        """Noon."""
        return NOON

    def walk_time(self, candidate: str) -> datetime:
        """Noon for everybody."""
        del candidate
        return NOON


@dataclass(slots=True)
class Desk:
    """A company's own webhook receiver."""

    address: str = ""
    status: int = 204
    seen: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Remember the call."""
        self.seen.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status, headers={"location": "https://elsewhere.example/"})


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A running receiver."""
    here = Desk()
    async with served(Starlette(routes=[Route("/in", here.take, methods=["POST"])])) as address:
        here.address = f"{address}/in"
        yield here


async def targets() -> Mapping[str, WebhookTarget]:
    """What project.yaml names."""
    return {"desk": WebhookTarget(key="desk", url="DESK_URL", secret="DESK_SECRET")}  # noqa: S106  # the name of a variable


async def call(environ: Mapping[str, str], target: str = "desk", *, allow_private: bool = False) -> None:
    """Call the webhook of a project."""
    webhooks = HttpWebhooks(targets, environ=environ, clock=Noon(), allow_private=allow_private)
    try:
        await webhooks.call(target, {"who": "c_ana"}, key=KEY)
    finally:
        await webhooks.close()


async def test_call_is_signed_after_the_standard(desk: Desk) -> None:
    """The receiver checks id, time and body with the shared secret, by any library for Standard Webhooks."""
    await call({"DESK_URL": desk.address, "DESK_SECRET": "whsec_" + base64.b64encode(b"hush").decode()})
    [(headers, body)] = desk.seen
    signed = f"{KEY}.{int(NOON.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(b"hush", signed, hashlib.sha256).digest()).decode()

    assert {"who": "c_ana"} == json.loads(body)
    assert (KEY, KEY, f"v1,{expected}") == (
        headers["webhook-id"],
        headers["idempotency-key"],
        headers["webhook-signature"],
    )


def test_signature_of_the_standard_is_ours() -> None:
    """The example of the Standard Webhooks specification gives its very signature."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        key="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=at,
        body=b'{"test": 2432232314}',
    )

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == headers["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "kind"), [(302, ConfigurationError), (400, BadInput), (410, BadInput), (503, TemporaryFailure)]
)
async def test_answers_have_one_meaning_and_redirects_are_not_followed(
    desk: Desk, status: int, kind: type[Exception]
) -> None:
    """A redirect could lead anywhere: it is refused."""
    desk.status = status

    with pytest.raises(kind):
        await call({"DESK_URL": desk.address, "DESK_SECRET": "hush"})
    assert 1 == len(desk.seen)


@pytest.mark.parametrize(
    "address",
    [
        "http://93.184.215.14/in",  # not encrypted
        "https://10.0.0.8/in",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "ftp://example.com/",
        "https://",
        "https://host:port/",
    ],
)
async def test_private_places_are_out_of_reach(address: str) -> None:
    """Nobody reads the metadata of a cloud or an inner service through a webhook."""
    with pytest.raises(ConfigurationError):
        await call({"DESK_URL": address, "DESK_SECRET": "hush"})


async def test_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name on the internet that resolves to this machine is a trick."""

    async def inside(name: str, port: int, who: str) -> list[str]:
        del name, port, who
        return ["93.184.215.14", "127.0.0.1"]

    monkeypatch.setattr(reachable, "_resolve", inside)

    with pytest.raises(ConfigurationError, match="private network"):
        await place_of("https://rebind.example/", who="The webhook desk")


async def test_the_place_is_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the very address that was checked, under the name that was asked for."""

    async def outside(name: str, port: int, who: str) -> list[str]:
        del name, port, who
        return ["93.184.215.14"]

    monkeypatch.setattr(reachable, "_resolve", outside)
    place = await place_of("https://desk.example:8443/in?x=1", who="The webhook desk")

    assert ("https://93.184.215.14:8443/in?x=1", "desk.example:8443", "desk.example") == (
        place.url,
        place.host,
        place.name,
    )


async def test_private_places_are_open_where_that_is_said() -> None:
    """On a developer's network it can be allowed."""
    place = await place_of("http://10.0.0.8/in", who="The webhook desk", allow_private=True)

    assert "http://10.0.0.8:80/in" == place.url


async def test_missing_variable_and_target_are_named() -> None:
    """What has to be set is said, and no secret is."""
    with pytest.raises(ConfigurationError, match="DESK_URL"):
        await call({})
    with pytest.raises(NotFound, match="other"):
        await call({}, "other")
