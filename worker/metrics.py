"""What a worker tells Prometheus: the numbers that Temporal's SDK keeps, with names of code and queues only."""

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from rapport.errors import ConfigurationError


def measured(address: str) -> Runtime | None:
    """A runtime whose numbers stand at http://ADDRESS/metrics; None, Temporal's own runtime, without an address.

    ConfigurationError for what is no address, and for one that somebody else listens at.
    """
    if not address:
        return None
    try:
        metrics = PrometheusConfig(bind_address=address, durations_as_seconds=True)
        return Runtime(telemetry=TelemetryConfig(metrics=metrics))
    except ValueError as error:
        hint = "Write an IP address and a free port, like 127.0.0.1:9464; each worker of a machine needs its own."
        raise ConfigurationError(f"RAPPORT_METRICS_ADDRESS is {address!r}: {error}.", hint=hint) from error
