"""What works at an ATS beside the walks."""

from dataclasses import dataclass

from rapport.usecases.ats_errands import AtsErrands
from rapport.usecases.ats_notes import HistoryNotes
from rapport.usecases.ats_polling import StoreAtsDesk
from rapport.wiring.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsWork:
    """Errands, which hints and applications ask for, notes that have to be brought up to date, and polls."""

    errands: AtsErrands
    notes: HistoryNotes
    desk: StoreAtsDesk


def ats_work(house: House) -> AtsWork:
    """The work at every ATS of the project that is live."""
    notes = HistoryNotes(store=house.store, vendors=house.vendors, clock=house.clock)
    errands = AtsErrands(sync=house.sync, notes=notes)
    return AtsWork(errands=errands, notes=notes, desk=StoreAtsDesk(sync=house.sync))
