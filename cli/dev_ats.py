"""The demo ATS of `rapport dev`: it stands in for the ATS of the project, in the words of its vendor."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from cli.children import Life
from rapport.ats.demo.courier import Hook
from rapport.ats.demo.logins import LOGINS
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.dsl.project import AtsConnection
from rapport.dsl.workspace import Workspace
from rapport.settings import Settings

ATS_PORT = 8045
STAND_IN = "RAPPORT_DEMO_ATS_URL"
# It guards nothing: whoever knows it can make this machine read its own demo ATS again.
_SECRET = "the demo ATS of this machine"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class DevAts:
    """Where it listens, and which connections are told of its page's clicks; `is_used` is False with an own ATS."""

    port: int
    connections: Mapping[str, AtsConnection]
    is_used: bool

    @classmethod
    def of(cls, workspace: Workspace, *, port: int, environ: Mapping[str, str]) -> "DevAts":
        """It is used wherever the project names an ATS, unless the environment says where another one is, or empty."""
        connections = workspace.project.ats if workspace.project else {}
        return cls(port=port, connections=connections, is_used=bool(connections) and STAND_IN not in environ)

    @property
    def address(self) -> str:
        """Its page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What the other parts are told; whoever sets secrets of webhooks keeps them."""
        secrets = {each.webhook_secret: _SECRET for each in self.connections.values() if each.webhook_secret}
        return {**secrets, STAND_IN: self.address} if self.is_used else {}

    def life(self, settings: Settings, environ: Mapping[str, str]) -> Life:
        """Serve it, with its world in the state folder and the limits that vendors document."""
        hooks = self._hooks(settings, environ)

        async def live(up: asyncio.Event) -> int:
            ats = DemoAts(
                clock=SystemClock().now,
                limits_by=SystemClock().now,
                file=settings.state_folder / "demo-ats.json",
                hooks=hooks,
            )
            async with served(ats.app(), port=self.port):
                up.set()
                await ats.courier.carry(ats.keep)
            return 0

        return live

    def _hooks(self, settings: Settings, environ: Mapping[str, str]) -> list[Hook]:
        """A webhook for each connection that has a secret, in its vendor's form."""
        api = f"http://127.0.0.1:{settings.api_port}"
        return [
            Hook(
                url=f"{api}/ats-events/{quote(name, safe='')}",
                speaks=each.vendor if each.vendor in LOGINS else "demo",
                # Lever has a secret for each of its webhooks; any of them is believed.
                secret=secret.split(",")[0].strip() if each.vendor == "lever" else secret,
            )
            for name, each in self.connections.items()
            if (secret := environ.get(each.webhook_secret or "", "").strip())
        ]
