"""One story told in every ATS: somebody applies, the application ends, and the vendor's own webhook says so."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from rapport.ats.demo.server import SIGNATURE
from rapport.clock import SystemClock
from rapport.ports import AtsVendor
from tests.ats_fakes.icims import CREDENTIALS as ICIMS
from tests.ats_fakes.icims import FakeIcims

# How applications end here, with the type of the reason in Greenhouse, the reason, and the status in iCIMS.
ENDS = {
    "rejected": ("WE_REJECTED_THEM", "Stronger candidate", "Rejected - not qualified"),
    "withdrawn": ("THEY_REJECTED_US", "Withdrew", "Offer Declined"),
    "hired": ("", "Hired", "Hired"),
    "fraud": ("SECURITY_CONCERN", "Fraud", "Rejected - fraud"),
}
LOGINS = {"icims": ICIMS}


def fake_of(vendor: str) -> Any:
    """The ATS, where the shared suite has none of its own."""
    return FakeIcims() if vendor == "icims" else None


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
        match self.vendor:
            case "greenhouse":
                self.person = self.person if again else self.fake.person(self.email, **fields)
                number = str(self.fake.apply(self.person))
            case "lever":
                self.person = "contact-ana"
                number = self.fake.opportunity(self.person, emails=[self.email], origin="applied", stage="s-1")
            case "workable":
                number = self.person = self.fake.person(self.email)
            case "icims":
                self.person = self.fake.add("people", "7", firstname="Ana", email=self.email)
                number = self.fake.apply("21", "7", "Phone Interview")
            case _:
                self.person = "p-ana"
                self.fake.add_person(self.person, emails=[self.email])
                number = self.fake.apply(self.person, "Backend Engineer", stage="onsite")
        self.application = self.application or number
        return number

    def end(self, how: str, *, application: str = "") -> None:
        """Their first application ends, or another one."""
        number, (key, reason, status) = application or self.application, ENDS[how]
        match self.vendor:
            case "greenhouse" if how == "hired":
                self.fake.change("applications", int(number), status="hired")
            case "greenhouse":
                self.fake.reject(int(number), self.fake.reason(reason, key))
            case "lever":
                kind = "hired" if how == "hired" else "non-hired"
                self.fake.reasons.append({"id": f"r-{how}", "text": reason, "type": kind})
                self.fake.archive(number, f"r-{how}")
            case "workable":
                self.fake.change(number, disqualified=True, disqualification_reason=reason)
            case "icims":
                self.fake.apply(number, "7", status)
            case _:
                self.fake.end(number, how, reason=reason)

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
