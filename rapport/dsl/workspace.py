"""A folder of sequences, checked: project.yaml, sequences, test files and mails, read once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from rapport.dsl.allow import Allowances
from rapport.dsl.catalogue import FIELDS, fields_with
from rapport.dsl.checks import Rule, check, has_errors
from rapport.dsl.declared import declared_by
from rapport.dsl.loader import Loaded, load_file
from rapport.dsl.mails import Mails, read_mails
from rapport.dsl.plan import Plan, compile_plan, version_of
from rapport.dsl.problem import Problem, Source, Span, in_order, printable_name
from rapport.dsl.project import Project
from rapport.dsl.rules.letters import letter_problems
from rapport.dsl.rules.texts import mail_problems
from rapport.dsl.severities import adjusted
from rapport.dsl.subject import Subject

PROJECT_FILE = "project.yaml"
_TEST = ".test.yaml"
# A repository's folders above the sequences; project.yaml is found well before.
_HIGHEST = 20


@dataclass(frozen=True, kw_only=True)
class CheckedSequence:
    """A sequence without errors: as written, compiled, and its version."""

    name: str
    tree: Mapping[str, Any]
    plan: Plan
    loaded: Loaded
    version: str


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """What a folder holds; a file with errors is in `problems` and nowhere else.

    `tests` are by the name of their file without `.test.yaml`; `mails` are paths by file stem (`welcome`,
    `welcome.de`), `notes` by name. `project` is None when there is none without errors. `files` are the names of all
    that was checked, as problems show them.
    """

    root: Path
    project: Project | None
    sequences: Mapping[str, CheckedSequence] = field(default_factory=dict)
    tests: Mapping[str, Loaded] = field(default_factory=dict)
    texts: Mails = field(default_factory=Mails)
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def mails(self) -> dict[str, Path]:
        """Every mail and language variant by its stem."""
        return {f"{name}.{language}" if language else name: path for (name, language), path in self.texts.files.items()}

    @property
    def notes(self) -> dict[str, Path]:
        """Every ATS note by its name."""
        return dict(self.texts.notes)

    @property
    def has_errors(self) -> bool:
        """Whether anything is more than a warning."""
        return has_errors(self.problems)


@dataclass(frozen=True)
class _Files:
    """The files of a folder, by name; `only` narrows what is reported to one of them."""

    root: Path
    shown_as: str
    sequences: Mapping[str, Loaded]
    tests: Mapping[str, Loaded]
    only: str | None

    @property
    def has_project(self) -> bool:
        """Whether project.yaml is in this folder, not above it."""
        return (self.root / PROJECT_FILE).is_file()


def load_workspace(path: Path | str, *, walking: Sequence[Rule] = ()) -> Workspace:
    """Read and check a folder, or one file of it in its light; FileNotFoundError when there is neither.

    The project is the nearest project.yaml at or above the folder. Of a single file only its own problems, and those
    of its mails, are reported; sequences beside it are read for their names. `walking` are rules that need the engine.
    """
    files = _find(Path(path))
    project_loaded, project_problems = _project(files.root, files.shown_as)
    project, unsure = declared_by(project_loaded)
    mails = read_mails(files.root, files.shown_as)
    subjects: dict[str, Subject] = {}

    def subject_of(name: str, loaded: Loaded) -> Subject:
        return Subject(name=name, loaded=loaded, project=project, unsure=unsure, mails=mails, sequences=subjects)

    for name, loaded in files.sequences.items():
        subjects[name] = subject_of(name, loaded)
    tests = {name: check(subject_of(name, loaded), "test") for name, loaded in files.tests.items()}
    sound_tests = {name: files.tests[name] for name, problems in tests.items() if not has_errors(problems)}
    for loaded in sound_tests.values():
        tested = subjects[loaded.tree["sequence"]]
        subjects[tested.name] = replace(tested, test_files=(*tested.test_files, loaded))
    is_sound = not has_errors(project_problems)
    checked = {name: check(subject, "sequence", walking if is_sound else ()) for name, subject in subjects.items()}
    about_mails = _mail_problems(mails, project, unsure, subjects.values())
    broken = {problem.file for problem in about_mails if problem.severity == "error"}
    good = {name: subjects[name] for name, problems in checked.items() if not has_errors(problems)}
    shown = _shown(files, subjects, mails)
    names = {*(loaded.file for loaded in (*files.sequences.values(), *files.tests.values())), *mails.texts}
    if project_loaded and files.has_project:
        names.add(project_loaded.file)
    about_project = adjusted(project_problems, project.verdicts if project else {})
    every = [_other_endings(files), about_project, *checked.values(), *tests.values(), about_mails]
    return Workspace(
        root=files.root,
        project=project if is_sound else None,
        sequences={name: _compile(subject) for name, subject in good.items() if not _uses(subject, mails, broken)},
        tests=sound_tests,
        texts=mails,
        problems=in_order(problem for problems in every for problem in problems if _is_shown(problem, shown)),
        files=tuple(sorted(printable_name(name) for name in names if shown is None or name in shown)),
    )


def _find(path: Path) -> _Files:
    if not path.exists():
        raise FileNotFoundError(path)
    root, within = (path, "") if path.is_dir() else _folder_of(path)
    prefix = "" if str(root) == "." else printable_name(f"{root.as_posix().rstrip('/')}/")
    names = sorted(file for file in root.glob("*.yaml") if file.is_file() and file.name != PROJECT_FILE)
    tests = {printable_name(file.name.removesuffix(_TEST)): file for file in names if file.name.endswith(_TEST)}
    sequences = {printable_name(file.stem): file for file in names if not file.name.endswith(_TEST)}
    return _Files(
        root=root,
        shown_as=prefix,
        sequences={name: load_file(file, shown_as=f"{prefix}{name}.yaml") for name, file in sequences.items()},
        tests={name: load_file(file, shown_as=f"{prefix}{name}{_TEST}") for name, file in tests.items()},
        only=printable_name(f"{prefix}{within}") if within else None,
    )


def _folder_of(path: Path) -> tuple[Path, str]:
    """The folder of sequences that a file belongs to, and the file's path in it; mails are one or two folders below."""
    parts = path.absolute().parts
    depth = 0
    if path.suffix == ".md" and "mails" in parts[-3:-1]:
        depth = 2 if parts[-2] == "notes" else 1
    root = path.parent
    for _ in range(depth):
        root = root.parent if root.name not in {"", ".."} else root / ".."
    return root, "/".join(parts[-1 - depth :])


def _other_endings(files: _Files) -> tuple[Problem, ...]:
    """A sequence in a .yml file would never be seen, so it is a problem."""
    message, step = "a file that ends in .yml is not read", "rename it to .yaml"
    sources = (Source(f"{files.shown_as}{path.name}", ()) for path in sorted(files.root.glob("*.yml")))
    return tuple(source.problem(Span(1, 1), "bad-name", message, step) for source in sources)


def _project(root: Path, shown_as: str) -> tuple[Loaded | None, tuple[Problem, ...]]:
    found = _nearest_project(root)
    if found is None:
        message = "there is no project.yaml here or above"
        step = "write one that names your organization and senders: `rapport new project` does"
        return None, (Source(f"{shown_as}{PROJECT_FILE}", ()).problem(Span(1, 1), "no-project", message, step),)
    shown = f"{shown_as}{PROJECT_FILE}" if found.parent == root else str(found)
    loaded = load_file(found, shown_as=shown)
    return loaded, check(Subject(name="project", loaded=loaded), "project")


def _nearest_project(root: Path) -> Path | None:
    folders = [root, *root.resolve().parents][:_HIGHEST]
    return next((folder / PROJECT_FILE for folder in folders if (folder / PROJECT_FILE).is_file()), None)


def _mail_problems(
    mails: Mails, project: Project | None, unsure: Collection[str], subjects: Collection[Subject]
) -> tuple[Problem, ...]:
    readings = {name for subject in subjects for name in subject.readings}
    allowances = Allowances.in_mails(mails.texts.values())
    fields = fields_with(project.custom_fields) if project and "custom_fields" not in unsure else None
    said = chain(mail_problems(mails, fields, readings), letter_problems(mails, fields or FIELDS, list(subjects)))
    kept = [*allowances.keep(said)]
    found = (*kept, *allowances.mistakes, *allowances.unused())
    return tuple(adjusted(found, project.verdicts if project else {}))


def _compile(subject: Subject) -> CheckedSequence:
    tree = subject.loaded.tree
    plan = compile_plan(subject.name, tree)
    version = version_of(plan, tree.get("start", {}), {name: subject.mails.facts_of(name) for name in plan.mails})
    return CheckedSequence(name=subject.name, tree=tree, plan=plan, loaded=subject.loaded, version=version)


def _uses(subject: Subject, mails: Mails, files: Iterable[str]) -> bool:
    """Whether a sequence sends one of these mails or adds one of these notes."""
    return not _files_of(subject, mails).isdisjoint(files)


def _files_of(subject: Subject, mails: Mails) -> set[str]:
    names = {placed.step.get("send") for placed in subject.outline}
    notes = {ats.get("add_note") for placed in subject.outline if isinstance(ats := placed.step.get("ats"), dict)}
    paths = [path for (name, _), path in mails.files.items() if name in names]
    paths += [path for name, path in mails.notes.items() if name in notes]
    return {mails.shown_as[path] for path in paths}


def _shown(files: _Files, subjects: Mapping[str, Subject], mails: Mails) -> set[str] | None:
    """The files that are asked about: of a single sequence, its mails as well; None for all."""
    if files.only is None:
        return None
    subject = next((subject for subject in subjects.values() if subject.loaded.file == files.only), None)
    return {files.only, *(_files_of(subject, mails) if subject else ())}


def _is_shown(problem: Problem, shown: set[str] | None) -> bool:
    return shown is None or problem.file in shown or problem.rule == "no-project"
