"""Where a person may stand in their life with a company; what moves them is up to `crm/lifecycle.py`."""

from typing import Final

AWARENESS: Final = "awareness"
CONSIDERATION: Final = "consideration"
APPLICANT: Final = "applicant"
IN_PROCESS: Final = "in-process"
HIRED: Final = "hired"
REJECTED: Final = "rejected"
ALUMNI: Final = "alumni"
STAGES: Final = (AWARENESS, CONSIDERATION, APPLICANT, IN_PROCESS, HIRED, REJECTED, ALUMNI)
