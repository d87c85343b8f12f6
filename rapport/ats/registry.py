"""One adapter per vendor, opened with what the environment says of its connection."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit, urlunsplit

from rapport.ats.credentials import Credentials, credentials_of, variable
from rapport.ats.demo import vendor as demo_vendor
from rapport.ats.demo.logins import LOGINS, PREFIXES
from rapport.ats.greenhouse import vendor as greenhouse_vendor
from rapport.ats.greenhouse.login import TokenLogin
from rapport.ats.icims import vendor as icims_vendor
from rapport.ats.lever import vendor as lever_vendor
from rapport.ats.line import FixedLogin, Line, Login, Site, Terms
from rapport.ats.workable import vendor as workable_vendor
from rapport.clock import Clock
from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError
from rapport.ports import AtsVendor, CallGate

_DEMO = "demo"
# A name in a host; anything else could lead a token to another one.
_SUBDOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Registry:
    """Opens vendors; `demo` is the address of the demo ATS, which stands in for every vendor where it is set.

    It speaks for Greenhouse, Lever and Workable, so their own adapters reach it, with its own logins and never ours.
    """

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
        if self._demo and connection.vendor in LOGINS:
            return self._stand_in(connection)
        if self._demo or connection.vendor == _DEMO:
            address = self._demo or variable(connection, connection.credentials, self._environ)
            site, login = _demo_site(address, allow_private=self._allow_private)
            line = self._line(connection, site, login, demo_vendor.TERMS)
            return demo_vendor.DemoVendor(line, webhook_secret=secret)
        match connection.vendor:
            case "greenhouse":
                return self._greenhouse(connection, credentials_of(connection, self._environ), secret)
            case "lever":
                return self._lever(connection, credentials_of(connection, self._environ), secret)
            case "workable":
                return self._workable(connection, credentials_of(connection, self._environ), secret)
            case "icims":
                return self._icims(connection, credentials_of(connection, self._environ), secret)
            case _:
                raise ConfigurationError(
                    f"This release has no adapter for the ATS {connection.vendor!r}.",
                    hint="Set RAPPORT_DEMO_ATS_URL to let the demo ATS stand in, or use vendor: demo.",
                )

    def _stand_in(self, connection: AtsConnection) -> AtsVendor:
        """The vendor's own adapter, in front of the demo ATS."""
        site, _ = _demo_site(self._demo, allow_private=self._allow_private)
        named = {"LOGIN": LOGINS[connection.vendor], "PLACE": site.url + PREFIXES[connection.vendor]}
        secret = connection.webhook_secret or ""
        environ = {**named, secret: self._environ.get(secret, "")}
        inner = Registry(environ, gate=self._gate, clock=self._clock, allow_private=self._allow_private)
        return inner.vendor_of(replace(connection, credentials="LOGIN", url="PLACE"))

    def _greenhouse(self, connection: AtsConnection, credentials: Credentials, secret: str | None) -> AtsVendor:
        if credentials.acting is not None and not (credentials.acting.isascii() and credentials.acting.isdigit()):
            raise ConfigurationError(
                f"{connection.credentials} names no user of Greenhouse.",
                hint="Write client_id:client_secret@user_id, with the number of the user.",
            )
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

    def _lever(self, connection: AtsConnection, credentials: Credentials, secret: str | None) -> AtsVendor:
        site = self._site(connection, "https://api.lever.co", "/v1")
        line = self._line(connection, site, _basic(credentials), lever_vendor.TERMS)
        return lever_vendor.Lever(line, clock=self._clock, user=credentials.acting, webhook_secret=secret)

    def _workable(self, connection: AtsConnection, credentials: Credentials, secret: str | None) -> AtsVendor:
        subdomain, token = credentials.parts
        if not _SUBDOMAIN.fullmatch(subdomain):
            raise ConfigurationError(
                f"{connection.credentials} names no subdomain of Workable.", hint="Write subdomain:token@member_id."
            )
        site = self._site(connection, f"https://{subdomain}.workable.com", "/spi/v3")
        login = FixedLogin({"authorization": f"Bearer {token}"})
        line = self._line(connection, site, login, workable_vendor.TERMS)
        return workable_vendor.Workable(line, clock=self._clock, member=credentials.acting, webhook_secret=secret)

    def _icims(self, connection: AtsConnection, credentials: Credentials, secret: str | None) -> AtsVendor:
        customer = credentials.parts[0]
        site = self._site(connection, "https://api.icims.com", f"/customers/{quote(customer, safe='')}")
        line = self._line(connection, site, _basic(credentials), icims_vendor.TERMS)
        return icims_vendor.Icims(line, customer=customer, clock=self._clock, webhook_secret=secret)

    def _site(self, connection: AtsConnection, home: str, path: str) -> Site:
        if connection.url is None:
            return Site(url=home + path)
        address = variable(connection, connection.url, self._environ).rstrip("/")
        return Site(url=address + path, is_ours=False, allow_private=self._allow_private)

    def _line(self, connection: AtsConnection, site: Site, login: Login, terms: Terms) -> Line:
        return Line(site, login=login, terms=terms, gate=self._gate, connection=connection.key)


def _basic(credentials: Credentials) -> FixedLogin:
    return FixedLogin({"authorization": credentials.basic()})


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
