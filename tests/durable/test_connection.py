"""Which Temporal server is meant: our own setting, else a profile, else the one of this machine, and never another."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.client import Client

from cli import dev, doctor_checks
from cli.dev_ats import DevAts
from rapport.settings import Settings
from workflows.connection import ProfileUnusable, connect, target_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "a-key-of-temporal-cloud"
FILE = f"""
[profile.default]
address = "temporal.acme.example:7233"

[profile.cloud]
address = "acme.a1b2c.tmprl.cloud:7233"
namespace = "acme.a1b2c"
api_key = "{KEY}"
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A `temporal.toml`, as `temporal config set` writes it."""
    path = tmp_path / "temporal.toml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which nobody has named a Temporal server, with no file in anybody's home."""
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "RAPPORT_TEMPORAL_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "nobody"))
    return monkeypatch


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ({}, {}, ("127.0.0.1:7233", "default", "no profile names another")),
        ({}, {"TEMPORAL_CONFIG_FILE": "FILE"}, ("temporal.acme.example:7233", "default", "profile default of FILE")),
        (
            {},
            {"TEMPORAL_CONFIG_FILE": "FILE", "TEMPORAL_PROFILE": "cloud"},
            ("acme.a1b2c.tmprl.cloud:7233", "acme.a1b2c", "profile cloud of FILE"),
        ),
        (
            {"namespace": "acme-test.a1b2c"},
            {"TEMPORAL_CONFIG_FILE": "FILE", "TEMPORAL_PROFILE": "cloud"},
            ("acme.a1b2c.tmprl.cloud:7233", "acme-test.a1b2c", "profile cloud of FILE"),
        ),
        (
            {},
            {"TEMPORAL_CONFIG_FILE": "FILE", "TEMPORAL_ADDRESS": "10.0.0.9:7233", "TEMPORAL_NAMESPACE": "crm"},
            ("10.0.0.9:7233", "crm", "TEMPORAL_ADDRESS"),
        ),
        (
            {"address": "10.0.0.7:7233"},
            {"TEMPORAL_CONFIG_FILE": "FILE", "TEMPORAL_PROFILE": "cloud", "TEMPORAL_NAMESPACE": "crm"},
            ("10.0.0.7:7233", "default", "RAPPORT_TEMPORAL_ADDRESS"),
        ),
    ],
)
async def test_who_names_the_server(
    file: str, given: Mapping[str, str], environment: Mapping[str, str], expected: tuple[str, str, str]
) -> None:
    """Our setting wins; without it the profile decides, and `TEMPORAL_*` over the file."""
    named = {name: file if value == "FILE" else value for name, value in environment.items()}

    target = target_of(**given, environ=named)

    assert expected == (target.address, target.namespace, target.source.replace(file, "FILE"))
    assert KEY not in repr(target)


async def test_key_switches_to_tls_for_its_own_server_only(file: str) -> None:
    """Temporal Cloud gets key and TLS; a server that we name, or that nobody names, gets neither."""
    cloud = target_of(environ={"TEMPORAL_CONFIG_FILE": file, "TEMPORAL_PROFILE": "cloud"})
    ours = target_of(address="127.0.0.1:7233", environ={"TEMPORAL_API_KEY": KEY})
    nobodys = target_of(environ={"TEMPORAL_API_KEY": KEY})

    assert (KEY, True) == (cloud.config["api_key"], cloud.config["tls"])
    assert [{"target_host": "127.0.0.1:7233", "namespace": "default"}] * 2 == [ours.config, nobodys.config]


async def test_profile_leads_to_its_server(temporal: Client, environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a profile alone, a client reaches the server, and doctor says which profile it was."""
    path = tmp_path / "temporal.toml"
    address = temporal.service_client.config.target_host
    path.write_text(f'[profile.cluster]\naddress = "{address}"\n', encoding="utf-8")
    environ.setenv("TEMPORAL_CONFIG_FILE", str(path))
    environ.setenv("TEMPORAL_PROFILE", "cluster")

    client = await connect()
    said = await doctor_checks.temporal(Settings())

    assert await client.service_client.check_health()
    assert f"{address} (profile cluster of {path}), namespace default, search attributes registered" == said


async def test_stray_key_does_not_switch_our_server_to_tls(temporal: Client, environ: pytest.MonkeyPatch) -> None:
    """Whoever works with Temporal Cloud elsewhere can still run `rapport dev`."""
    environ.setenv("TEMPORAL_API_KEY", KEY)
    environ.setenv("TEMPORAL_ADDRESS", "acme.a1b2c.tmprl.cloud:7233")

    client = await connect(address=temporal.service_client.config.target_host)

    assert await client.service_client.check_health()


async def test_dev_never_leaves_this_machine(environ: pytest.MonkeyPatch, file: str) -> None:
    """The processes of `rapport dev` get its own server, whatever a profile says."""
    environ.setenv("TEMPORAL_CONFIG_FILE", file)
    ats = DevAts(port=8045, connections={}, is_used=False)
    place = dev.Place(settings=dev._local(Settings.from_environ(os.environ)), ui_port=8233, inbox_port=8025, ats=ats)

    children = Settings.from_environ(place.environment)

    assert ("127.0.0.1:7233", "default") == (children.temporal_address, children.temporal_namespace)


@pytest.mark.parametrize(
    ("text", "profile", "said"),
    [
        (FILE, "clout", "Profile 'clout' not found"),
        (f"[profile.cloud]\napi_key = '{KEY}\n", "cloud", "line 2"),
        (None, "cloud", "there is no file"),
        (
            '[profile.cloud]\naddress = "x:1"\ntls.client_cert_path = "/no/c"\ntls.client_key_path = "/no/k"\n',
            "cloud",
            "/no/c",
        ),
    ],
)
async def test_profile_that_cannot_be_read_is_said(tmp_path: Path, text: str | None, profile: str, said: str) -> None:
    """A typo does not lead to another server in silence, and no key is repeated."""
    path = tmp_path / "temporal.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileUnusable, match=said) as caught:
        target_of(environ={"TEMPORAL_CONFIG_FILE": str(path), "TEMPORAL_PROFILE": profile})

    assert KEY not in str(caught.value)
