"""Connecting to Temporal: a profile of `temporal.toml` and `TEMPORAL_*`, with our own settings on top."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from rapport.errors import TemporaryFailure
from workflows.converter import walk_data_converter


class TemporalUnavailable(TemporaryFailure):
    """Temporal does not answer; what was to be told stays in the store until it does."""

    def __init__(self, *, address: str, problem: str) -> None:
        self.address, self.problem = address, problem
        super().__init__(
            f"Temporal at {address} does not answer ({problem}).",
            hint="Start it, or set RAPPORT_TEMPORAL_ADDRESS; `rapport doctor` checks the connection.",
        )


async def connect(
    *, address: str | None = None, namespace: str | None = None, profile: str | None = None, lazy: bool = False
) -> Client:
    """Connect to Temporal; what is given here wins over the profile. TemporalUnavailable when nobody answers.

    `lazy` connects at the first call, for a door that must open while Temporal is down; workers cannot use it.
    """
    config = ClientConfig.load_client_connect_config(profile=profile)
    target = address or config.get("target_host") or "127.0.0.1:7233"
    config["target_host"] = target
    if namespace:
        config["namespace"] = namespace
    try:
        return await Client.connect(**config, data_converter=walk_data_converter, lazy=lazy)
    except (RuntimeError, RPCError) as error:  # the SDK's bridge knows no error class of its own
        raise TemporalUnavailable(address=target, problem=type(error).__name__) from error
