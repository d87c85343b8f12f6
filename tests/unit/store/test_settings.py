"""Settings: read once, refused when they protect nothing, and never printed."""

from pathlib import Path

import pytest

from rapport.errors import ConfigurationError
from rapport.settings import SETTINGS, Settings, is_loopback

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  # of these tests only


def test_without_anything_set_one_machine_works() -> None:
    """A bare clone starts on loopback with its state in one folder."""
    settings = Settings.from_environ({"PATH": "/usr/bin", "RAPPORT_HAS_NO_SUCH": "x"})

    assert ("127.0.0.1", 8000, "sqlite+aiosqlite:///.rapport/rapport.db") == (
        settings.api_host,
        settings.api_port,
        settings.database,
    )


def test_everything_can_be_set() -> None:
    """Every row of the reference is a variable that is read."""
    samples = {
        "smtp_port": "25",
        "api_port": "80",
        "smtp_tls": "starttls",
        "secret_key": SECRET,
        "allow_private_webhooks": "yes",
        "sendgrid_window": "30",
        "click_settle": "20",
        "ats_poll_minutes": "5",
    }
    environ = {setting.name: samples.get(setting.attribute, "text") for setting in SETTINGS}

    settings = Settings.from_environ(environ)

    assert (25, "starttls", "text", Path("text")) == (
        settings.smtp_port,
        settings.smtp_tls,
        settings.database,
        settings.state_folder,
    )
    assert {str(getattr(settings, setting.attribute)) for setting in SETTINGS} == {*samples.values(), "text"}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"RAPPORT_API_PORT": "eighty"}, "RAPPORT_API_PORT"),
        ({"RAPPORT_SMTP_PORT": "65536"}, "RAPPORT_SMTP_PORT"),
        ({"RAPPORT_SMTP_PORT": "-1"}, "RAPPORT_SMTP_PORT"),
        ({"RAPPORT_SENDGRID_WINDOW": "10081"}, "number of minutes"),
        ({"RAPPORT_CLICK_SETTLE": "3601"}, "number of seconds"),
        ({"RAPPORT_SMTP_TLS": "yes"}, "none, starttls or implicit"),
        ({"RAPPORT_ALLOW_PRIVATE_WEBHOOKS": "1"}, "yes or no"),
        ({"RAPPORT_SECRET_KEY": "short"}, "RAPPORT_SECRET_KEY"),
        ({"RAPPORT_SECRET_KEY": ""}, "RAPPORT_SECRET_KEY"),
        ({"RAPPORT_API_HOST": "0.0.0.0"}, "RAPPORT_SECRET_KEY"),  # noqa: S104  # the mistake under test
        ({"RAPPORT_API_HOST": "api.acme.example"}, "RAPPORT_SECRET_KEY"),
    ],
)
def test_what_does_not_fit_is_named(environ: dict[str, str], named: str) -> None:
    """A wrong variable is an error with its name, before anything starts."""
    with pytest.raises(ConfigurationError, match=named):
        Settings.from_environ(environ)


def test_with_a_secret_of_its_own_it_may_listen_anywhere() -> None:
    """The development secret is for loopback only."""
    settings = Settings.from_environ({"RAPPORT_API_HOST": "::", "RAPPORT_SECRET_KEY": SECRET})

    assert SECRET == settings.secret_key
    assert settings.pepper != SECRET.encode()


def test_secrets_are_not_printed() -> None:
    """A traceback or a log line shows no password."""
    names = (
        *("SECRET_KEY", "SMTP_PASSWORD", "INBOUND_TOKEN", "DKIM_KEY"),
        *("MAILGUN_SIGNING_KEY", "POSTMARK_LOGIN", "RESEND_SECRET", "SENDGRID_LOGIN"),
    )
    environ = {f"RAPPORT_{name}": SECRET for name in names}
    settings = Settings.from_environ({**environ, "RAPPORT_DATABASE_URL": f"postgresql+asyncpg://r:{SECRET}@db/r"})

    assert SECRET not in repr(settings)
    assert {setting.name for setting in SETTINGS if setting.secret} == {*environ, "RAPPORT_DATABASE_URL"}


def test_every_setting_is_one_sentence() -> None:
    """The reference can be read."""
    assert [setting.name for setting in SETTINGS if not (setting.doc[0].isupper() and setting.doc[-1] == ".")] == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback(host: str, *, expected: bool) -> None:
    """Only what no other machine can reach counts as loopback."""
    assert expected == is_loopback(host)
