"""What people do, through public doors only: the API, links in mails, SMTP."""

from dataclasses import dataclass
from datetime import date

import httpx

from cli.demonstration.cast import Part
from cli.demonstration.mailbox import Mail, Mailboxes, answer
from cli.demonstration.observer import Observer
from rapport.engine.script import Scripted

# A browser of a person; machines say who they are in other ways.
_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
_BY_MAIL = ("clicked", "machine_clicked", "opened", "replied", "unsubscribed", "out_of_office")


@dataclass(frozen=True, kw_only=True)
class Doors:
    """The public doors of the installation."""

    api: httpx.AsyncClient
    smtp_port: int
    mailboxes: Mailboxes
    observer: Observer

    async def begin(self, part: Part) -> list[str]:
        """Tell what begins the walk; the enrollments that it began."""
        body = {"kind": part.by, "email": part.email, "detail": {**part.detail, **_words(part.application)}}
        return await self._tell(part, {**body, **({"event": dict(part.event)} if part.event else {})}, "begin")

    async def act(self, part: Part, enrollment: str, scripted: Scripted) -> None:
        """Do one thing of the script."""
        if scripted.kind in _BY_MAIL:
            message_id = await self.observer.message_id(enrollment, scripted.step)
            mail = await self.mailboxes.find(part.email, message_id)
            await self._with(mail, enrollment, scripted)
            return
        body = {"kind": scripted.kind, "email": part.email, "detail": dict(scripted.detail)}
        event = {"event": dict(part.event) | dict(scripted.changes)} if "event" in body["detail"] else {}
        body["detail"] = {key: value for key, value in scripted.detail.items() if key not in ("event", "type")}
        await self._tell(part, body | event, f"{enrollment}:{scripted.place}")

    async def _with(self, mail: Mail, enrollment: str, scripted: Scripted) -> None:
        match scripted.kind:
            case "clicked" | "machine_clicked":
                url = await self.observer.link(enrollment, scripted.step, scripted.link, mail.links)
                method = "GET" if scripted.kind == "clicked" else "HEAD"
                _must_lead_on(await self.api.request(method, url, headers=_BROWSER))
            case "unsubscribed":
                form = {"List-Unsubscribe": "One-Click"}
                (await self.api.post(mail.unsubscribe_url, data=form)).raise_for_status()
            case "out_of_office":
                back_on = date.fromisoformat(scripted.detail["until"])
                await answer(mail, port=self.smtp_port, text="", back_on=back_on)
            case "replied":
                await answer(mail, port=self.smtp_port, text="Thank you, let us talk. Next week suits me.")
            case kind:
                message = f"nobody in the demo can do {kind!r}"
                raise NotImplementedError(message)

    async def _tell(self, part: Part, body: object, key: str) -> list[str]:
        headers = {"Idempotency-Key": f"demo-{part.email.partition('@')[0]}-{key.replace('/', '-')}"}
        answered = await self.api.post("/v1/events", json=body, headers=headers)
        if answered.is_error:
            message = f"the API refused an event: {answered.status_code} {answered.text}"
            raise RuntimeError(message)
        started: list[str] = answered.json()["started"]
        return started


def _must_lead_on(answered: httpx.Response) -> None:
    if not answered.is_redirect:
        message = f"a link in a mail answered {answered.status_code}"
        raise RuntimeError(message)


def _words(application: object) -> dict[str, str]:
    if not isinstance(application, dict):
        return {}
    words = {key: str(value) for key, value in application.items() if key not in ("id", "reopens")}
    return {**words, **({"application": application["id"]} if "id" in application else {})}
