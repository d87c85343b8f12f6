"""One adapter per vendor, opened with what the environment says of its connection."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from rapport.ats.credentials import Credentials, credentials_of, variable
from rapport.ats.demo import vendor as demo_vendor
from rapport.ats.greenhouse import vendor as greenhouse_vendor
from rapport.ats.greenhouse.login import TokenLogin
from rapport.ats.line import FixedLogin, Line, Login, Site, Terms
from rapport.clock import Clock
from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError
from rapport.ports import AtsVendor, CallGate

_DEMO = "demo"


class Registry:
    """Opens vendors; `demo` is the address of the demo ATS, which stands in for every vendor where it is set."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        gate: CallGate,
        clock: Clock,
        demo: str = "",
        allow_private: bool = False,
    ) -> None:
        """Open nothing yet; `allow_private` lets calls into private networks, for development only."""
        self._environ, self._gate, self._clock = environ, gate, clock
        self._demo, self._allow_private = demo, allow_private

    def vendor_of(self, connection: AtsConnection) -> AtsVendor:
        """The ATS of a connection; ConfigurationError when it is not set up, or no adapter is there for it."""
        secret = self._environ.get(connection.webhook_secret or "", "").strip() or None
        if self._demo or connection.vendor == _DEMO:
            address = self._demo or variable(connection, connection.credentials, self._environ)
            site, login = _demo_site(address, allow_private=self._allow_private)
            line = self._line(connection, site, login, demo_vendor.TERMS)
            return demo_vendor.DemoVendor(line, webhook_secret=secret)
        match connection.vendor:
            case "greenhouse":
                return self._greenhouse(connection, credentials_of(connection, self._environ), secret)
            case _:
                raise ConfigurationError(
                    f"This release has no adapter for the ATS {connection.vendor!r}.",
                    hint="Set RAPPORT_DEMO_ATS_URL to let the demo ATS stand in, or use vendor: demo.",
                )

    def _greenhouse(self, connection: AtsConnection, credentials: Credentials, secret: str | None) -> AtsVendor:
        site = self._site(connection, "https://harvest.greenhouse.io", "/v3")
        door = self._site(connection, "https://auth.greenhouse.io", "/token")
        login = TokenLogin(credentials, site=door, clock=self._clock)
        return greenhouse_vendor.Greenhouse(
            self._line(connection, site, login, greenhouse_vendor.TERMS),
            login=login,
            clock=self._clock,
            user=credentials.acting,
            webhook_secret=secret,
        )

    def _site(self, connection: AtsConnection, home: str, path: str) -> Site:
        if connection.url is None:
            return Site(url=home + path)
        address = variable(connection, connection.url, self._environ).rstrip("/")
        return Site(url=address + path, is_ours=False, allow_private=self._allow_private)

    def _line(self, connection: AtsConnection, site: Site, login: Login, terms: Terms) -> Line:
        return Line(site, login=login, terms=terms, gate=self._gate, connection=connection.key)


def _demo_site(address: str, *, allow_private: bool) -> tuple[Site, FixedLogin]:
    """A user and password in the address become HTTP's basic authentication."""
    try:
        parts = urlsplit(address)
        user, password = parts.username, parts.password
    except ValueError as error:
        raise ConfigurationError(
            "The demo ATS has no address that can be called.", hint="Write http://host:port."
        ) from error
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], quote(parts.path.rstrip("/"), safe="/%"), "", ""))
    login = {} if user is None else {"authorization": Credentials(parts=(user, password or "")).basic()}
    return Site(url=bare, is_ours=False, allow_private=allow_private), FixedLogin(login)
