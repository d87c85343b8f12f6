"""How bad a provider's bounce is, by the receiving server's own words where there are any."""

import re

from rapport.mail.providers.event import Bounce
from rapport.mail.refusals import ENHANCED, enhanced_code, verdict

_BASIC = re.compile(r"(?<![\d.\-])([45]\d\d)(?=[ \-])")


def blame(said: str, *, status: str = "", code: int | None = None, otherwise: Bounce) -> Bounce:
    """Judge as our own mailbox would; `otherwise` where neither words nor codes say anything."""
    basic = _BASIC.search(said)
    code = code or (int(basic[1]) if basic else None)
    enhanced = _telling(enhanced_code(said)) or _telling(status)
    if not said.strip() and code is None and enhanced is None:
        return otherwise
    found = verdict(code=code, enhanced=enhanced, text=said)
    return "block" if found == "configuration" else found


def no_worse(found: Bounce, most: Bounce) -> Bounce:
    """A bounce that the provider itself does not blame on the address is no reason to close it."""
    return most if found == "hard" else found


def _telling(code: str | None) -> str | None:
    """Gateways write 5.0.0 where they do not know."""
    if not code or not ENHANCED.fullmatch(code):
        return None
    return None if code.endswith(".0.0") and not code.startswith("4") else code
