"""The demo ATS's own logins, in the form that each vendor's credentials have; they open nothing else."""

from base64 import b64encode

LOGINS = {"greenhouse": "demo-client:demo-secret@7", "lever": "demo-key@user-1", "workable": "demo:demo-token@m1"}
# Where each vendor's API is, below the demo ATS's address.
PREFIXES = {vendor: f"/{vendor}" for vendor in LOGINS}
LEVER_USER, WORKABLE_MEMBER = "user-1", "m1"
# The header of its own deliveries.
SIGNATURE = "demo-signature"


def basic(user: str, password: str) -> str:
    """The header of HTTP's basic authentication."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
