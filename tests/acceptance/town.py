"""The topology of docker-compose.yml as processes on this machine, and what people do in it."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import httpx

from cli.children import rapport_command
from rapport.mail.sink import Envelope, start_sink
from tests.acceptance.compose import DEMANDED, EXAMPLE, SERVICES, interpolated
from tests.acceptance.processes import ROOT, done, environment, running, succeeds, until
from tests.postgres_server import a_server, why_no_server
from worker.dev_server import DevServerOptions, dev_server, free_port

_STORY = ROOT / "docs" / "story"
_HREF = re.compile(r'href="([^"]+)"')
# A browser of a person; machines say who they are in other ways.
_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
_UP_WITHIN = 60  # seconds; on a busy machine each process takes ten to start
_MAIL_WITHIN = 40


@dataclass(slots=True, kw_only=True)
class Town:
    """The topology as processes on this machine: the same settings, their hosts translated to loopback."""

    environ: Mapping[str, str]
    apis: list[httpx.AsyncClient] = field(default_factory=list)
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    arrived: list[Envelope] = field(default_factory=list)

    async def enroll(self, api: httpx.AsyncClient) -> str:
        """Begin the story for Ada; the same call, whichever process gets it."""
        body = {"sequence": "unbreakable", "email": "ada@people.test"}
        answer = await api.post("/v1/enrollments", json=body, headers={"Idempotency-Key": "ada-once"})
        return str(answer.raise_for_status().json()["id"])

    async def mail(self, number: int) -> EmailMessage:
        """The mail that arrived as this one, once it has."""

        async def there() -> bool:
            return len(self.arrived) >= number

        await until(there, seconds=_MAIL_WITHIN)
        return message_from_bytes(self.arrived[number - 1].raw, _class=EmailMessage, policy=policy.default)

    async def click(self, api: httpx.AsyncClient, mail: EmailMessage) -> None:
        """Follow the first link of a mail, as a browser does."""
        body = mail.get_body(("html",))
        assert body is not None
        link = httpx.URL(_HREF.findall(body.get_content())[0].replace("&amp;", "&"))
        answer = await api.get(link.raw_path.decode(), headers=_BROWSER)
        assert "https://acme.example/engineering" == answer.headers["location"]

    async def reply(self, api: httpx.AsyncClient, mail: EmailMessage) -> None:
        """Answer a mail: the company's mail gateway hands it in."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "ada@people.test", str(mail["Reply-To"]), "Re: hello"
        letter["Message-ID"], letter["In-Reply-To"] = "<answer@people.test>", str(mail["Message-ID"])
        letter.set_content("Thank you, let us talk.")
        headers = {
            "Authorization": f"Bearer {self.environ['RAPPORT_INBOUND_TOKEN']}",
            "Content-Type": "message/rfc822",
            "X-Envelope-To": str(letter["To"]).rpartition("<")[2].rstrip(">"),
        }
        answer = await api.post("/inbound/mail", content=letter.as_bytes(policy=policy.SMTP), headers=headers)
        assert {"kind": "reply", "stored": True} == answer.json()


@contextmanager
def a_database(folder: Path) -> Iterator[str]:
    """PostgreSQL, as in the file; SQLite where no server can be started."""
    if why_no_server() is not None:
        yield f"sqlite+aiosqlite:///{folder / 'rapport.db'}"
        return
    with a_server() as sockets:
        yield f"postgresql+asyncpg://postgres@/postgres?host={sockets}"


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[Town]:
    """Start what the file names, in its order; yields when the API processes answer."""
    arrived: list[Envelope] = []

    async def take(envelope: Envelope) -> None:
        # Her answer also goes to her recruiter.
        if "ada@people.test" in envelope.recipients:
            arrived.append(envelope)

    async with AsyncExitStack() as stack:
        database = stack.enter_context(a_database(folder))
        relay = await start_sink("127.0.0.1", 0, take)
        stack.push_async_callback(relay.close)
        temporal = await stack.enter_async_context(dev_server(DevServerOptions(log_file=folder / "temporal.log")))
        here = {
            "RAPPORT_DATABASE_URL": database,
            "RAPPORT_TEMPORAL_ADDRESS": temporal.address,
            "RAPPORT_SMTP_HOST": "127.0.0.1",
            "RAPPORT_SMTP_PORT": str(relay.port),
            "RAPPORT_STATE_FOLDER": str(folder),
            # Ada clicks as soon as the mail is there, which is otherwise what scanners do.
            "RAPPORT_CLICK_SETTLE": "0",
        }
        town = Town(environ=translated("worker", here), arrived=arrived)
        await done(command_of("publish"), translated("publish", here))
        await done(rapport_command("import", str(_STORY / "people.csv")), town.environ)
        key = (await done(rapport_command("api", "--new-key", "career-site"), town.environ)).split()[-1]
        await _start(town, stack, folder, key)
        yield town


async def _start(town: Town, stack: AsyncExitStack, folder: Path, key: str) -> None:
    """As many workers and API processes as the file says."""
    for number in range(replicas("worker")):
        start = running(command_of("worker"), town.environ, folder / f"worker-{number}.log")
        town.processes.append(await stack.enter_async_context(start))
    for number in range(replicas("api")):
        port = str(free_port())
        environ = {**town.environ, "RAPPORT_API_HOST": "127.0.0.1", "RAPPORT_API_PORT": port}
        start = running(command_of("api"), environ, folder / f"api-{number}.log")
        town.processes.append(await stack.enter_async_context(start))
        headers = {"Authorization": f"Bearer {key}"}
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=20)
        town.apis.append(await stack.enter_async_context(client))
    for number in range(replicas("api")):
        await until(partial(is_healthy, "api", town, number), seconds=_UP_WITHIN)
    await until(partial(is_healthy, "worker", town), seconds=_UP_WITHIN)


async def is_healthy(service: str, town: Town, number: int = 0) -> bool:
    """What the health check of the file says of a process."""
    words = [str(word) for word in SERVICES[service]["healthcheck"]["test"][1:]]
    program, *arguments = [word.replace("127.0.0.1:8000", town.apis[number].base_url.netloc.decode()) for word in words]
    command = rapport_command(*arguments) if program == "rapport" else [sys.executable, *arguments]
    assert program in ("rapport", "python")
    return await succeeds(command, town.environ)


def replicas(service: str) -> int:
    """How many processes the file asks for."""
    number: int = SERVICES[service]["deploy"]["replicas"]
    return number


def translated(service: str, here: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service in the file, filled in as .env would be, with the hosts of this machine.

    What the file can do without is left out, as whoever copies the example leaves it.
    """
    asked = (name for name, value in EXAMPLE.items() if not value and name in DEMANDED)
    filled = {**EXAMPLE, **{name: f"{name.lower()}-0123456789abcdef0123456789abcdef" for name in asked}}
    settings = {name: interpolated(text, filled) for name, text in SERVICES[service]["environment"].items()}
    return environment(**{**settings, **here})


def command_of(service: str) -> list[str]:
    """The command of a service, as a process of this very Python."""
    program, *arguments = [interpolated(word, {"SEQUENCES_COMMIT": "0" * 40}) for word in SERVICES[service]["command"]]
    assert program == "rapport"
    return rapport_command(*(str(_STORY) if word == "/sequences" else word for word in arguments))
