"""How the sequences begin that are live now: asked for every event, and read once for each version."""

from collections.abc import Mapping

from rapport.dsl.build import read_start
from rapport.dsl.model import Start
from rapport.store import published
from rapport.store.ahead import ahead_of
from rapport.store.database import Tx

# By sequence and version, which names the start among other things, so that what is kept cannot get old.
_KEPT: dict[tuple[str, str], Start] = {}
# A company has a hundred sequences; this many versions later we begin anew.
_MOST = 1_000


async def live_starts(tx: Tx) -> Mapping[str, Start]:
    """The start of every sequence, by its name, as of the last publication that this transaction can see.

    Only the live pointers are read each time: whole versions bring all plans along, to be parsed for every event.
    """
    known = ahead_of(tx).live
    live = known if known is not None else await published.live_hashes(tx)
    return {name: await _start_of(tx, name, version) for name, version in live.items()}


async def _start_of(tx: Tx, sequence: str, version: str) -> Start:
    known = _KEPT.get((sequence, version))
    if known is not None:
        return known
    start = read_start((await published.version(tx, sequence, version)).start)
    if len(_KEPT) >= _MOST:
        _KEPT.clear()
    _KEPT[sequence, version] = start
    return start
