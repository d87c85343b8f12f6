"""Small sequences for walks on a real Temporal server."""

from collections.abc import Mapping
from typing import Any

from rapport.dsl.plan import Plan, compile_plan
from rapport.dsl.project import Project
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start

PROJECT = Project.read(
    {
        "schema": 1,
        "organization": {"name": "Acme", "zone": "Europe/Berlin", "country": "DE"},
        "people": {"anna-koch": {"name": "Anna Koch", "email": "anna.koch@acme.example"}},
        "senders": {"talent-team": {"name": "Acme Talent Team", "email": "talent@mail.acme.example"}},
        "windows": {
            "office-hours": {
                "days": ["mon", "tue", "wed", "thu", "fri"],
                "between": ["09:00", "17:30"],
                "zone": "candidate",
                "holidays": "candidate",
            }
        },
        "pools": {
            "engineering": {"title": "Engineering"},
            "hot": {"title": "Hot", "members": {"candidate.score": {"at_least": 10}}},
            "reachable": {"title": "Reachable", "members": {"candidate.consent": "nurture"}},
            "hot-engineers": {
                "title": "Hot engineers or warm ones",
                "members": {
                    "candidate.pools": "engineering",
                    "any": [{"candidate.pools": "hot"}, {"candidate.tags": "warm"}],
                    "none": [{"candidate.stage": "in-process"}],
                },
            },
        },
        "contact_policy": {"at_most": [{"mails": 1, "per": "1 day"}], "never_between": ["21:00", "07:00"]},
        "consent": {"purposes": {"nurture": {"title": "Talent community mails", "expires_after": "730 days"}}},
    }
)

WELCOME = compile_plan(
    "welcome-engineering",
    {
        "purpose": "nurture",
        "goal": {"applied": "any"},
        "exit": [{"replied": "any"}, {"stage_changed_to": ["interview", "offer", "hired"]}],
        "defaults": {"from": "talent-team", "send_between": "office-hours"},
        "steps": [
            {"id": "welcome", "send": "welcome"},
            {
                "id": "read-window",
                "wait_for": {"clicked": "welcome"},
                "within": "7 days",
                "then": [{"id": "score-click", "score": {"add": 5}}],
                "else": [
                    {
                        "id": "subject-test",
                        "split": {
                            "short": {"share": "50%", "do": [{"id": "nudge-short", "send": "nudge-short"}]},
                            "personal": {"share": "50%", "do": [{"id": "nudge-personal", "send": "nudge-personal"}]},
                        },
                    }
                ],
            },
            {"id": "pause-month", "wait": "30 days"},
            {
                "id": "hot-or-not",
                "if": {"candidate.score": {"at_least": 40}, "candidate.country": ["DE", "AT", "NO"]},
                "then": [
                    {"id": "book-call", "send": "book-a-call"},
                    {"id": "call-task", "task": {"for": "anna-koch", "title": "Call", "due": "3 business days"}},
                ],
                "else": [{"id": "check-in", "send": "check-in"}],
            },
        ],
    },
)

# Every tag may end it, so that each of its effects is an act of its own: many history events in a short time.
MANY_STEPS = compile_plan(
    "many-steps",
    {
        "purpose": "nurture",
        "exit": [{"tagged": "enough"}],
        "defaults": {"from": "talent-team"},
        "steps": [
            *({"id": f"score-{number}", "score": {"add": 1}} for number in range(40)),
            {"id": "last-word", "wait_for": {"custom": {"name": "last-word"}}, "within": "7 days"},
        ],
    },
)

HELD_BY_WEBHOOK = compile_plan(
    "tell-the-desk",
    {
        "purpose": "nurture",
        "defaults": {"from": "talent-team"},
        "steps": [{"id": "tell-desk", "webhook": {"to": "event-desk"}, "if_fails": "hold"}],
    },
)


FADING = Project.read({**PROJECT.source, "score": {"half_life": "1 week"}})


def scenario(plan: Plan = WELCOME, **tree: Any) -> Scenario:
    """A person in Berlin who is enrolled on a Monday morning; `tree` holds the keys of a test file's case."""
    project = tree.pop("project", PROJECT)
    candidate: Mapping[str, Any] = {"country": "DE", "score": 38, **tree.pop("candidate", {})}
    start = Start.parse("2026-03-02 10:00 Europe/Berlin")
    return Scenario(plan=plan, project=project, start=start, tree={"candidate": candidate, **tree})
