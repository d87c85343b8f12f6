"""Where a person may stand in their life with a company, and their application; `crm/lifecycle.py` moves the first."""

from typing import Final

AWARENESS: Final = "awareness"
CONSIDERATION: Final = "consideration"
APPLICANT: Final = "applicant"
IN_PROCESS: Final = "in-process"
HIRED: Final = "hired"
REJECTED: Final = "rejected"
ALUMNI: Final = "alumni"
STATUSES: Final = ("active", "rejected", "withdrawn", "hired", "closed")
OUTCOMES: Final = ("rejected", "withdrawn", "hired", "closed_job", "fraud", "other")
STAGES: Final = (AWARENESS, CONSIDERATION, APPLICANT, IN_PROCESS, HIRED, REJECTED, ALUMNI)
