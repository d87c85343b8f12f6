"""What people of a forecast do with their mails: drawn without chance, so that the same forecast comes out twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.engine.happening import Happening

# Most clicks come on the day of the mail, most answers within a few; longer than that is rarely caused by the mail.
_CLICK_WITHIN = timedelta(hours=48)
_REPLY_WITHIN = timedelta(hours=96)
# Nobody has read a mail sooner.
_SOONEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How likely a person is to click on a mail and to answer it, each from 0 to 1 and drawn for every single mail.

    `links` are the names of a mail's links, of which a click falls on one. Another `seed` is another draw.
    """

    clicks: float = 0.0
    replies: float = 0.0
    seed: int = 1
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def after(self, enrollment: str, step: str, mail: str, sent: datetime) -> list[Happening]:
        """What comes of one mail: a click within 48 hours of it, an answer within 96 hours, both or neither."""
        found = []
        for kind, likely, within in (("clicked", self.clicks, _CLICK_WITHIN), ("replied", self.replies, _REPLY_WITHIN)):
            if self._draw(enrollment, step, kind) < likely:
                later = _SOONEST + within * self._draw(enrollment, step, kind, "when")
                link = self._link(enrollment, step, mail) if kind == "clicked" else None
                whole = (sent + later).replace(microsecond=0)
                found.append(Happening(id=f"{enrollment}/{step}/{kind}", kind=kind, at=whole, step=step, link=link))
        return found

    def _link(self, enrollment: str, step: str, mail: str) -> str | None:
        links = self.links.get(mail, ())
        return links[int(self._draw(enrollment, step, "link") * len(links))] if links else None

    def _draw(self, *words: str) -> float:
        return draw(self.seed, *words)


def draw(seed: int, *words: str) -> float:
    """A number from 0 (included) to 1 (excluded) that these words always give."""
    digest = hashlib.sha256("\n".join([str(seed), *words]).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
