"""People who act as soon as a mail arrives, through public doors, and try again until a door answers."""

import asyncio
import re
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any, Literal, TypeAlias

import httpx

Part: TypeAlias = Literal["silent", "reads", "applies", "replies"]
PARTS: tuple[Part, ...] = ("silent", "reads", "applies", "replies")

_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
_LINK = re.compile(r'href="(?P<url>[^"]+/c/[^"]+)"')
_AGAIN_AFTER = 0.2
_SEE_OTHER = 302


@dataclass(slots=True, kw_only=True)
class Person:
    """One person: the part they play, their walk once it has begun, and what they did, as a test file would say."""

    email: str
    part: Part
    enrollment: str = ""
    deeds: list[Any] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Everybody, at one door."""

    people: dict[str, Person]
    door: httpx.AsyncClient
    _acts: list[asyncio.Task[None]] = field(default_factory=list)

    async def enroll(self, person: Person) -> None:
        """Begin their walk."""
        body = {"sequence": "storm", "email": person.email}
        answered = await self._ask("POST", "/v1/enrollments", json=body, headers={"Idempotency-Key": person.email})
        person.enrollment = answered.json()["id"]

    def got(self, mail: EmailMessage) -> None:
        """Let whoever got this mail act."""
        person = self.people[mail["To"].addresses[0].addr_spec]
        self._acts.append(asyncio.create_task(self._act(person, mail)))

    async def rest(self) -> None:
        """Wait until everybody has done what they wanted to do; raises what went wrong."""
        await asyncio.gather(*self._acts)

    async def _act(self, person: Person, mail: EmailMessage) -> None:
        match person.part, str(mail["Subject"]).partition(",")[0]:
            case "reads" | "applies", "Hello":
                await self._click(mail)
                person.deeds.append({"clicked": "hello"})
            case "replies", "Hello":
                await self._reply(person, mail)
                person.deeds.append({"replied": "hello"})
            case "reads", "Thanks":
                await self._tell(person, {"kind": "custom", "detail": {"name": "ping"}})
                person.deeds.append({"custom": {"name": "ping"}})
            case "applies", "Thanks":
                await self._tell(person, {"kind": "applied", "detail": {"job": "backend"}})
                person.deeds.append("applied")
            case _:
                pass

    async def _click(self, mail: EmailMessage) -> None:
        html = mail.get_body(("html",))
        assert html is not None
        found = _LINK.search(html.get_content())
        assert found is not None
        await self._ask("GET", found["url"], headers=_BROWSER)

    async def _reply(self, person: Person, mail: EmailMessage) -> None:
        reply = EmailMessage()
        reply["From"], reply["To"] = person.email, str(mail["Reply-To"])
        reply["Subject"], reply["In-Reply-To"] = f"Re: {mail['Subject']}", str(mail["Message-ID"])
        reply["Message-ID"] = f"<answer.{person.email}>"
        reply.set_content("Thank you, let us talk. Next week suits me.")
        raw = reply.as_bytes(policy=policy.SMTP.clone(max_line_length=998))
        await self._ask("POST", "/inbound/mail", content=raw, headers={"Content-Type": "message/rfc822"})

    async def _tell(self, person: Person, event: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": f"{event['kind']}-{person.email}"}
        await self._ask("POST", "/v1/events", json={**event, "email": person.email}, headers=headers)

    async def _ask(self, method: str, url: str, **call: Any) -> httpx.Response:
        """Call until it is answered: a door that was killed has opened again a moment later."""
        while True:
            try:
                answered = await self.door.request(method, url, **call)
            except httpx.HTTPError:
                await asyncio.sleep(_AGAIN_AFTER)
                continue
            assert answered.is_success or answered.status_code == _SEE_OTHER, f"{answered.status_code} {answered.text}"
            return answered
