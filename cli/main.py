"""The `rapport` command: one file per noun, loaded only when it is called."""

import importlib
import sys
from collections.abc import Mapping
from typing import Final

import click

from cli.exits import EXIT_INTERRUPTED, EXIT_OK, EXIT_PROBLEMS, EXIT_TOOL_FAULT, EXIT_WRONG_USE
from rapport.errors import RapportError, TemporaryFailure
from worker.exit import end_process

# name: (module, attribute, one line for --help). A module is imported when its command runs, so `check` stays fast.
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "api": ("cli.api", "api", "Serve the HTTP API."),
    "candidates": ("cli.candidates", "candidates", "Look for people, and change what is known of them."),
    "check": ("cli.check", "check", "Check sequences, mails and tests, and show every mistake."),
    "classify": ("cli.classify", "classify", "Say what an incoming mail is, and why."),
    "consent": ("cli.consent", "consent", "Show what a candidate agreed to, and write down a yes or a no."),
    "demo": ("cli.demo", "demo", "Walk a cast of people through half a year on the real engine, in minutes."),
    "dev": ("cli.dev", "dev", "Start everything on this machine: Temporal, worker, API and an inbox."),
    "doctor": ("cli.doctor", "doctor", "Say what is set up, what is not, and what to do about it."),
    "enroll": ("cli.enroll", "enroll", "Start a sequence for a candidate, a pool or a file of people."),
    "events": ("cli.events", "events", "Fairs and webinars: who registered, who came, what was said."),
    "erase": ("cli.erase", "erase", "Forget a candidate: stop all walks, and delete what is personal."),
    "export": ("cli.export", "export", "Write everything about a candidate into a zip."),
    "fmt": ("cli.fmt", "fmt", "Write sequences, tests and project files in the one layout."),
    "holds": ("cli.holds", "holds", "List walks that stand still, and let them go on."),
    "lost": ("cli.lost", "lost", "List walks that Temporal has lost, and begin them again."),
    "graph": ("cli.graph", "graph", "Draw a sequence as Mermaid or SVG."),
    "import": ("cli.import_people", "import_people", "Read candidates from a CSV or JSON Lines file."),
    "match": ("cli.match", "match", "Find the people who fit a role, with a reason for every point."),
    "merge": ("cli.merge", "merge", "Make two records of one person one."),
    "new": ("cli.new", "new", "Write a sequence, its mails and its test from a starter."),
    "paths": ("cli.paths", "paths", "List every path through a sequence: length, mails, worst week."),
    "pools": ("cli.pools", "pools", "List pools and segments, and put people into pools."),
    "preview": ("cli.preview", "preview", "Show mails as their readers get them, or send one to yourself."),
    "publish": ("cli.publish", "publish", "Make the sequences of a folder the live ones."),
    "retention": ("cli.retention", "retention", "List who has been kept for long enough, and would be erased."),
    "senders": ("cli.senders", "senders", "List senders that are stopped, and let them go on."),
    "replies": ("cli.replies", "replies", "Show what people answered."),
    "sends": ("cli.sends", "sends", "Count mails by state, and decide about parked ones."),
    "show": ("cli.show", "show", "Show a candidate's or an enrollment's timeline."),
    "simulate": ("cli.simulate", "simulate", "Print the calendar of one person, with the reasons, or forecast many."),
    "sink": ("cli.sink", "sink", "Serve the inbox that catches every mail of `dev`."),
    "tasks": ("cli.tasks", "tasks", "List what recruiters are asked to do, and tick it off."),
    "test": ("cli.test", "test", "Run the cases of every *.test.yaml on a virtual clock."),
    "walks": ("cli.walks", "walks", "Count and list walks; pause, resume and cancel them."),
    "worker": ("cli.worker", "worker", "Run walks and send mails."),
}


class _Lazy(click.Group):
    """A group that knows its commands by name and imports them on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in sorted(COMMANDS.items())])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rapport-crm", prog_name="rapport")
def rapport() -> None:
    """Recruiting sequences as reviewed YAML, walked as durable Temporal workflows."""


def run() -> None:
    """Run the command and end the process with its exit code, whatever libraries do while they are unloaded.

    Exit codes: 0 done, 1 problems found, 2 wrong use, 3 a fault of the tool or its surroundings, 130 Ctrl-C.
    """
    end_process(_outcome())


def _outcome() -> int:
    try:
        code = rapport.main(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return EXIT_WRONG_USE
    except click.Abort:
        return EXIT_INTERRUPTED
    except RapportError as error:
        click.echo(f"rapport: {error}", err=True)
        # Nothing is wrong with what was asked: a script may try again.
        return EXIT_TOOL_FAULT if isinstance(error, TemporaryFailure) else EXIT_PROBLEMS
    except Exception as fault:  # noqa: BLE001  # the last resort: a person gets a sentence, not a traceback
        click.echo(f"rapport: a fault of the tool itself: {type(fault).__name__}: {fault}", err=True)
        click.echo("Set RAPPORT_TRACEBACK=1 and run it again to see where; please report it.", err=True)
        _show_traceback(fault)
        return EXIT_TOOL_FAULT
    return code if isinstance(code, int) else EXIT_OK


def _show_traceback(fault: Exception) -> None:
    import os  # noqa: PLC0415  # needed on this path only
    import traceback  # noqa: PLC0415

    if os.environ.get("RAPPORT_TRACEBACK"):
        traceback.print_exception(fault, file=sys.stderr)
