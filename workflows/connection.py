"""Connecting to Temporal: the address of our own settings, or else a profile as the `temporal` command knows it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from rapport.errors import ConfigurationError, TemporaryFailure
from workflows.converter import walk_data_converter

_HERE = "127.0.0.1:7233"
_NAMESPACE = "default"


class TemporalUnavailable(TemporaryFailure):
    """Temporal does not answer; what was to be told stays in the store until it does."""

    def __init__(self, *, address: str, problem: str) -> None:
        self.address, self.problem = address, problem
        super().__init__(
            f"Temporal at {address} does not answer ({problem}).",
            hint="Start it, or set RAPPORT_TEMPORAL_ADDRESS; `rapport doctor` checks the connection.",
        )


class ProfileUnusable(ConfigurationError):
    """The Temporal profile cannot be read: it is not there, or not TOML, or names a file that is not there."""

    def __init__(self, *, profile: str, problem: str) -> None:
        self.profile, self.problem = profile, problem
        super().__init__(
            f"The Temporal profile {profile!r} cannot be used: {problem}.",
            hint="Correct TEMPORAL_PROFILE and the file (`temporal config list` shows it), "
            "or set RAPPORT_TEMPORAL_ADDRESS.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server that we mean, before anybody connects; `source` says who named it."""

    address: str
    namespace: str
    source: str
    config: ClientConnectConfig = field(repr=False)  # it may hold an API key


def target_of(*, address: str = "", namespace: str = "", environ: Mapping[str, str] | None = None) -> Target:
    """Find out which server is meant; ProfileUnusable when a profile is to say it and cannot be read.

    What is given wins. A given address is connected to as it is, without TLS: keys and certificates are for the
    server of their profile. A key without any address is for no server that we know, and stays unused.
    """
    environ = os.environ if environ is None else environ
    if address:
        return _plain(address, namespace, "RAPPORT_TEMPORAL_ADDRESS")
    config = _profile(environ)
    namespace = namespace or config.get("namespace", "")
    if "target_host" not in config:
        return _plain(_HERE, namespace, "no profile names another")
    config["namespace"] = namespace or _NAMESPACE
    return Target(address=config["target_host"], namespace=config["namespace"], source=_source(environ), config=config)


async def connect(
    *, address: str = "", namespace: str = "", lazy: bool = False, runtime: Runtime | None = None
) -> Client:
    """Connect to the server that is meant (see `target_of`); TemporalUnavailable when nobody answers.

    `lazy` connects at the first call, for a door that must open while Temporal is down; workers cannot use it.
    `runtime` is the one of the process unless given; a worker's client brings its own where its numbers are kept.
    """
    target = target_of(address=address, namespace=namespace)
    try:
        return await Client.connect(**target.config, data_converter=walk_data_converter, lazy=lazy, runtime=runtime)
    except (RuntimeError, RPCError) as error:  # the SDK's bridge knows no error class of its own
        raise TemporalUnavailable(address=target.address, problem=type(error).__name__) from error


def _plain(address: str, namespace: str, source: str) -> Target:
    namespace = namespace or _NAMESPACE
    config = ClientConnectConfig(target_host=address, namespace=namespace)
    return Target(address=address, namespace=namespace, source=source, config=config)


def _profile(environ: Mapping[str, str]) -> ClientConnectConfig:
    """What the profile says, `TEMPORAL_*` on top of its file; empty when there is neither."""
    file = environ.get("TEMPORAL_CONFIG_FILE")
    if file and not Path(file).is_file():  # the SDK would go on without it, to a server of this machine
        raise ProfileUnusable(profile=_name(environ), problem=f"there is no file {file}")
    try:
        return ClientConfigProfile.load(override_env_vars=dict(environ)).to_client_connect_config()
    except (RuntimeError, OSError) as error:
        # Only the first line, which says where: the others show lines of the file, and one may hold a key.
        raise ProfileUnusable(profile=_name(environ), problem=str(error).splitlines()[0]) from None


def _name(environ: Mapping[str, str]) -> str:
    return environ.get("TEMPORAL_PROFILE") or "default"


def _source(environ: Mapping[str, str]) -> str:
    if environ.get("TEMPORAL_ADDRESS"):
        return "TEMPORAL_ADDRESS"
    file = environ.get("TEMPORAL_CONFIG_FILE")
    return f"profile {_name(environ)}" + (f" of {file}" if file else "")
