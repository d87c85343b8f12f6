"""Answers of vendors: a few of our own in the documented fields, and those that were recorded, where they are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

Answers: TypeAlias = Mapping[str, Any]
RECORDED = Path(__file__).parents[3] / "shared/data/ats"


def _unset(names: str) -> dict[str, None]:
    """Fields that are there, and empty."""
    return dict.fromkeys(names.split())


OWN: Mapping[str, Answers] = {
    "greenhouse": {
        "/v3/applications": [
            {
                **dict.fromkeys(
                    ["agency_note_id", "coordinator_id", "job_post_id", "referrer_id", "source_id", "stage_id"]
                ),
                "id": 9001,
                "candidate_id": 8001,
                "job_id": 7001,
                "recruiter_id": None,
                "status": "in_process",
                "stage_name": "Phone screen",
                "prospect": False,
                "needs_decision": True,
                "rejected_at": None,
                "answers": [],
                "prospective_job_ids": [],
                "custom_fields": {},
                "created_at": "2026-02-01T10:00:00Z",
                "updated_at": "2026-02-03T10:00:00Z",
                "last_activity_at": "2026-02-03T10:00:00Z",
            }
        ],
        "/v3/notes": [
            {
                **_unset("application_id subject user_id email_from email_to import_hash"),
                "id": 6001,
                "candidate_id": 8001,
                "body": "Spoke on the phone.",
                "type": "NOTE",
            }
        ],
    },
    "lever": {
        "/v1/opportunities": {
            "data": [
                {
                    **dict.fromkeys(
                        ["confidentiality", "dataProtection", "lastInteractionAt", "snoozedUntil", "sourcedBy"]
                    ),
                    "id": "o-1",
                    "contact": "c-1",
                    "name": "Ana Lima",
                    "headline": "Acme",
                    "emails": ["ana@people.test"],
                    "phones": [{"type": "mobile", "value": "1"}],
                    "links": ["https://ana.example"],
                    "tags": ["Engineering"],
                    "sources": ["Job site"],
                    "stage": "lead-new",
                    "stageChanges": [],
                    "origin": "applied",
                    "owner": "u-1",
                    "followers": [],
                    "applications": ["a-1"],
                    "archived": {"reason": "r-1", "archivedAt": 1_770_000_000_000},
                    "createdAt": 1_769_000_000_000,
                    "updatedAt": None,
                    "lastAdvancedAt": 1_769_000_000_000,
                    "isAnonymized": False,
                    "urls": {},
                }
            ],
            "hasNext": False,
        },
        "/v1/archive_reasons": {
            "data": [{"id": "r-1", "text": "Under-qualified", "status": "active", "type": "non-hired"}],
            "hasNext": False,
        },
    },
    "workable": {
        "/spi/v3/candidates": {"candidates": [{"id": "1a", "name": "Ana Lima", "email": "ana@people.test"}]},
        "/spi/v3/candidates/1a": {
            "candidate": {
                **dict.fromkeys(
                    ["address", "phone", "disqualified_at", "disqualification_reason", "hired_at", "headline"]
                ),
                "id": "1a",
                "name": "Ana Lima",
                "firstname": "Ana",
                "lastname": "Lima",
                "email": "ana@people.test",
                "tags": ["go"],
                "location": {"city": "Lisbon", "country_code": "PT"},
                "job": {"shortcode": "J1", "title": "Backend Engineer"},
                "stage": "Applied",
                "stage_kind": "applied",
                "sourced": False,
                "anonymized": False,
                "disqualified": False,
                "withdrew": False,
                "created_at": "2026-02-01T10:00:00Z",
                "updated_at": "2026-02-03T10:00:00Z",
            }
        },
        "/spi/v3/disqualification_reasons": [
            {"id": "r1", "description": "Not a fit", "candidate_withdrew": False, "position": 0}
        ],
    },
}
_FILES: Mapping[str, Mapping[str, str]] = {
    "greenhouse": {"/v3/applications": "v3_applications_list.json", "/v3/notes": "v3_notes_list.json"},
    "lever": {
        "/v1/opportunities": "opportunities_list_page1_archived_mix.json",
        "/v1/archive_reasons": "archive_reasons_list.json",
    },
    "workable": {
        "/spi/v3/candidates": "candidates_list_disqualified.json",
        "/spi/v3/disqualification_reasons": "disqualification_reasons_list.json",
    },
}


def recorded(vendor: str) -> Answers | None:
    """What was recorded of a vendor, by path; None where there is no recording."""
    folder = RECORDED / vendor
    if not folder.exists():
        return None
    found: dict[str, Any] = {path: json.loads((folder / name).read_text()) for path, name in _FILES[vendor].items()}
    if vendor == "workable":
        # One candidate was recorded whole; the others are what the list says of them.
        whole = json.loads((folder / "candidate_get.json").read_text())["candidate"]
        listed = found["/spi/v3/candidates"]["candidates"]
        for row in [*listed, whole]:
            found[f"/spi/v3/candidates/{row['id']}"] = {"candidate": row}
    # The recording is one page of many: what comes behind it is not there.
    for tree in found.values():
        if isinstance(tree, dict):
            tree.pop("paging", None)
            tree.update({"hasNext": False} if "hasNext" in tree else {})
    return found
