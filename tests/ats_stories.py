"""One story told in every ATS: somebody applies, the application ends, and the vendor's own webhook says so."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from rapport.ats.demo.logins import SIGNATURE
from rapport.clock import SystemClock
from rapport.ports import AtsVendor

# How applications end here, with who ended them by the reason, the reason, and the status in iCIMS.
ENDS = {
    "rejected": ("us", "Stronger candidate", "Rejected - not qualified"),
    "withdrawn": ("them", "Withdrew", "Offer Declined"),
    "hired": ("hire", "Hired", "Hired"),
    "fraud": ("fraud", "Fraud", "Rejected - fraud"),
}


@dataclass(frozen=True, slots=True)
class OneAts:
    """The ATS behind every connection."""

    vendor: AtsVendor

    async def of(self, connection: str) -> AtsVendor:
        """This one."""
        del connection
        return self.vendor


@dataclass(slots=True)
class Story:
    """What happens in one ATS to somebody with an address."""

    vendor: str
    fake: Any
    email: str
    person: str = ""
    application: str = ""

    def apply(self, *, again: bool = False, **fields: Any) -> str:
        """They apply; once more with `again`. The application's id."""
        if self.vendor == "icims":
            self.person = self.fake.add("people", "7", firstname="Ana", email=self.email)
            number = str(self.fake.apply("21", "7", "Phone Interview"))
        else:
            self.person = self.person if again else self.fake.person(self.email, **fields)
            number = self.fake.id_of("application", self.fake.applies(self.person, stage="onsite"))
            # In Workable an application is a candidate of its own.
            self.person = number if self.vendor == "workable" else self.person
        self.application = self.application or number
        return number

    def end(self, how: str, *, application: str = "") -> None:
        """Their first application ends, or another one."""
        number, (by, reason, status) = application or self.application, ENDS[how]
        if self.vendor == "icims":
            self.fake.apply(number, "7", status)
            return
        self.fake.reasons[reason] = by
        ended = "rejected" if how == "fraud" else how
        self.fake.end(self.fake.name_of(number, "application"), ended, reason=reason)

    def delivery(self, number: int, *, secret: str) -> tuple[dict[str, str], bytes]:
        """A delivery about the application, in the vendor's own form; the same number is the same delivery."""
        match self.vendor:
            case "greenhouse":
                about = {"id": int(self.application), "candidate": {"id": int(self.person)}}
                body = _json({"action": "candidate_stage_change", "payload": {"application": about}})
                signature = f"sha256 {_hex(body, secret)}"
                return {"signature": signature, "greenhouse-event-id": f"e-{number}"}, body
            case "lever":
                token, at = f"t-{number}", int(SystemClock().now().timestamp() * 1000)
                signature = _hex(f"{token}{at}".encode(), secret)
                data = {"opportunityId": self.application, "contactId": self.person}
                tree = {"event": "candidateArchiveChange", "token": token, "triggeredAt": at}
                return {}, _json({**tree, "signature": signature, "data": data})
            case "workable":
                body = _json({"id": f"w-{number}", "event_type": "candidate_moved", "data": {"id": self.person}})
                return {"x-workable-signature": _hex(body, secret)}, body
            case "icims":
                ids = {"customerId": "12", "systemId": self.application, "personId": self.person}
                login = base64.b64encode(secret.encode()).decode()
                tree = {"eventType": "WorkFlowStatusChangeEvent", "number": number, **ids}
                return {"authorization": f"Basic {login}"}, _json(tree)
            case _:
                tree = {"delivery": f"d-{number}", "kind": "application", "id": self.application, "person": self.person}
                return {SIGNATURE: _hex(_json(tree), secret)}, _json(tree)


def _json(tree: object) -> bytes:
    return json.dumps(tree).encode()


def _hex(signs: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), signs, hashlib.sha256).hexdigest()
