"""What an environment variable says of a login to an ATS, in one line of text."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError

_FORMS = {
    "greenhouse": ("client_id:client_secret or client_id:client_secret@user_id", 2),
    "lever": ("api_key or api_key@user_id", 1),
    "workable": ("subdomain:token or subdomain:token@member_id", 2),
    "icims": ("customer_id:user:password", 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The parts of a login; `acting` is the user of the ATS in whose name we write, None when none was given."""

    parts: tuple[str, ...] = field(repr=False)
    acting: str | None = None

    def basic(self) -> str:
        """The header of basic authentication, from the last two parts; a single one is a user without a password."""
        user, _, password = ":".join(self.parts[-2:]).partition(":")
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def variable(connection: AtsConnection, name: str, environ: Mapping[str, str]) -> str:
    """What an environment variable holds; ConfigurationError when it is not set."""
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"The ATS {connection.key} needs {name}, which is not set.", hint=f"Set {name}.")
    return value


def credentials_of(connection: AtsConnection, environ: Mapping[str, str]) -> Credentials:
    """The login of a connection; ConfigurationError, without its text, when it does not have the vendor's form."""
    form, count = _FORMS[connection.vendor]
    value = variable(connection, connection.credentials, environ)
    # A password may hold an @; the id of a user, who comes last, may not.
    has_user = "@" in value and connection.vendor != "icims"
    rest, at, acting = value.rpartition("@") if has_user else (value, "", "")
    parts = tuple(rest.split(":", count - 1))
    is_whole = len(parts) == count and all(parts) and bool(acting) == bool(at)
    if not is_whole or not value.isascii() or not value.isprintable():
        raise ConfigurationError(
            f"{connection.credentials} is not a login to {connection.vendor}.", hint=f"Write {form}."
        )
    return Credentials(parts=parts, acting=acting or None)


def acting_user(credentials: Credentials, connection: AtsConnection, *, to: str) -> str:
    """The user in whose name we write; ConfigurationError when none was given."""
    if credentials.acting is None:
        form, _ = _FORMS[connection.vendor]
        raise ConfigurationError(
            f"{connection.vendor} wants to know in whose name to {to}.",
            hint=f"Add @ and the id of a user to {connection.credentials}: {form.partition(' or ')[2]}.",
        )
    return credentials.acting
