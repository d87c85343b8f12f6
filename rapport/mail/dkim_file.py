"""Where the DKIM key is kept: in a file that only we can read, or in the environment."""

import stat
from pathlib import Path

from rapport.errors import ConfigurationError
from rapport.mail.dkim_key import DkimKey, read_dkim_key

_OPEN_TO_OTHERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP
_LARGEST = 65_536  # bytes; an RSA key of 16,384 bits has 13,000


def dkim_key(*, domain: str, selector: str, file: str, text: str) -> DkimKey | None:
    """The key to sign with; None when DKIM is not set up, as behind a relay that signs.

    ConfigurationError when it is set up by half, when the key cannot be read, or when others can read it.
    """
    if not (domain or selector or file or text):
        return None
    if not (domain and selector and (file or text)):
        raise ConfigurationError(
            "DKIM is set up by half.",
            hint="Set RAPPORT_DKIM_DOMAIN, RAPPORT_DKIM_SELECTOR and RAPPORT_DKIM_KEY_FILE, or none of them.",
        )
    if file and text:
        raise ConfigurationError(
            "There are two DKIM keys, a file and a variable.",
            hint="Unset RAPPORT_DKIM_KEY_FILE or RAPPORT_DKIM_KEY.",
        )
    # A variable that cannot hold line breaks holds `\n` in their place.
    pem = _read(Path(file)) if file else text.replace("\\n", "\n").encode()
    return read_dkim_key(pem, domain=domain.lower(), selector=selector)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            raw = file.read(_LARGEST)
    except OSError as error:
        raise ConfigurationError(
            f"The DKIM key {path} cannot be read: {error.strerror}.", hint="Correct RAPPORT_DKIM_KEY_FILE."
        ) from error
    if mode & _OPEN_TO_OTHERS:
        raise ConfigurationError(
            f"The DKIM key {path} is open to others (mode {mode:04o}).", hint=f"Close it: chmod 600 {path}."
        )
    return raw
