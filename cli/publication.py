"""A checked folder of sequences as what can be published."""

from rapport.dsl.workspace import CheckedSequence, Workspace
from rapport.errors import BadInput
from rapport.usecases.publish import Publication, PublishedSequence

# Notes for the ATS are texts like mails, under a name that no mail can have.
NOTES = "notes/"


def publication_of(workspace: Workspace) -> Publication:
    """Gather what a folder publishes; BadInput when it was checked and has errors."""
    if workspace.project is None or workspace.has_errors:
        raise BadInput(
            place=str(workspace.root), message="there are errors in it.", hint="See them with: rapport check."
        )
    mails = {(name, language or ""): path for (name, language), path in workspace.texts.files.items()}
    notes = {(f"{NOTES}{name}", ""): path for name, path in workspace.texts.notes.items()}
    return Publication(
        project=workspace.project.source,
        sequences={name: _sequence(sequence) for name, sequence in workspace.sequences.items()},
        mails={key: path.read_text(encoding="utf-8") for key, path in {**mails, **notes}.items()},
    )


def _sequence(sequence: CheckedSequence) -> PublishedSequence:
    return PublishedSequence(
        plan=sequence.plan.source,
        start=sequence.tree.get("start") or {},
        title=sequence.tree["title"],
        owner=sequence.tree["owner"],
        version=sequence.version,
    )
