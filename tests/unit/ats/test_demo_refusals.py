"""The demo ATS refuses what each vendor refuses, in the vendor's own words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from rapport.ats.demo.logins import basic
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served

BEARER = {"authorization": "Bearer demo-token"}
BASIC = {"authorization": basic("demo-key", "")}


@pytest.mark.parametrize(
    ("path", "login", "calls", "said"),
    [
        ("/greenhouse/v3/jobs", {}, 50, {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "retry-after": "30"}),
        ("/lever/v1/stages", BASIC, 20, {}),
        ("/workable/spi/v3/jobs", BEARER, 10, {"x-rate-limit-limit": "10", "x-rate-limit-remaining": "0"}),
    ],
)
async def test_limits_are_those_that_are_documented(
    path: str, login: Mapping[str, str], calls: int, said: Mapping[str, str]
) -> None:
    """One call too many is refused with the vendor's headers; Lever says no length."""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    async with served(DemoAts(limits_by=lambda: at).app()) as address, httpx.AsyncClient() as http:
        answers = [await http.get(address + path, headers=login) for _ in range(calls + 1)]

        assert 429 not in [answer.status_code for answer in answers[:-1]]
        assert 429 == answers[-1].status_code
        assert dict(said) == {key: answers[-1].headers.get(key) for key in said}
        assert said or "retry-after" not in answers[-1].headers


@pytest.mark.parametrize(
    ("method", "path", "login", "body", "status", "words"),
    [
        ("POST", "/greenhouse/token", {"authorization": basic("x", "y")}, None, 401, "invalid_client"),
        ("GET", "/greenhouse/v3/jobs", {"authorization": "Bearer t9"}, None, 401, "Unauthorized"),
        ("GET", "/greenhouse/v3/jobs?cursor=c0&per_page=5", "token", None, 422, "do not include other query params"),
        ("GET", "/greenhouse/v3/jobs?color=red", "token", None, 422, "Invalid query params: color"),
        ("GET", "/greenhouse/v3/jobs?per_page=many", "token", None, 422, "errors"),
        ("GET", "/greenhouse/v3/secrets", "token", None, 404, "errors"),
        ("POST", "/greenhouse/v3/notes", "token", {"candidate_id": 1, "body": "x"}, 422, "visibility"),
        ("POST", "/greenhouse/v3/applications", "token", {"candidate_id": 999}, 422, "errors"),
        ("GET", "/lever/v1/stages", {}, None, 401, "Unauthorized"),
        ("GET", "/lever/v1/opportunities?offset=nowhere", BASIC, None, 400, "BadRequest"),
        ("POST", "/lever/v1/opportunities", BASIC, {"emails": ["a@people.test"]}, 400, "perform_as"),
        ("POST", "/lever/v1/opportunities/none/addTags", BASIC, {"tags": ["x"]}, 404, "ResourceNotFound"),
        ("GET", "/workable/spi/v3/jobs", {}, None, 401, "Not authorized"),
        ("GET", "/workable/spi/v3/candidates/none", BEARER, None, 404, "Not found"),
        ("PUT", "/workable/spi/v3/candidates/none/tags", BEARER, {"tags": []}, 404, "Not found"),
        ("POST", "/workable/spi/v3/talent_pool/candidates", BEARER, ["odd"], 422, "Validation"),
    ],
)
async def test_errors_are_those_that_are_documented(
    method: str, path: str, login: Any, body: Any, status: int, words: str
) -> None:
    """A wrong login, a wrong question and a wrong body get the vendor's own answer, never a fault of the server."""
    async with served(DemoAts().app()) as address, httpx.AsyncClient(base_url=address) as http:
        if login == "token":
            login = {"authorization": f"Bearer {await _token(http)}"}
        answer = await http.request(method, path, headers=login, json=body)

        assert (status, True) == (answer.status_code, words in answer.text)


async def _token(http: httpx.AsyncClient) -> str:
    login = {"authorization": basic("demo-client", "demo-secret")}
    answer = await http.post("/greenhouse/token", data={"grant_type": "client_credentials"}, headers=login)
    return str(answer.json()["access_token"])
