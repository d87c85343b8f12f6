"""What follows people's rights to their data, from the settings."""

from rapport.usecases.privacy_desk import StorePrivacyDesk
from rapport.wiring.house import House


def privacy_desk(house: House) -> StorePrivacyDesk:
    """The desk of erasures and of the retention sweep."""
    settings = house.settings
    return StorePrivacyDesk(house.store, house.clock, pepper=settings.pepper, inbox=settings.inbox_folder)
