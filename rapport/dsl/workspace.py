"""A folder of sequences, checked: project.yaml, sequences, test files and mails, read once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport.dsl.catalogue import fields_with
from rapport.dsl.checks import check, has_errors
from rapport.dsl.loader import Loaded, load_file
from rapport.dsl.mails import Mails, read_mails
from rapport.dsl.plan import Plan, compile_plan, version_of
from rapport.dsl.problem import Problem, Source, Span, in_order
from rapport.dsl.project import Project
from rapport.dsl.rules.texts import mail_problems
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
    `welcome.de`), `notes` by name. `project` is None when there is none without errors.
    """

    root: Path
    project: Project | None
    sequences: Mapping[str, CheckedSequence] = field(default_factory=dict)
    tests: Mapping[str, Loaded] = field(default_factory=dict)
    texts: Mails = field(default_factory=Mails)
    problems: tuple[Problem, ...] = ()
    files: int = 0

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


def load_workspace(path: Path | str) -> Workspace:
    """Read and check a folder, or one file in the light of its folder; FileNotFoundError when there is neither.

    The project is the nearest project.yaml at or above the folder. Of a single file only its own problems, and those
    of its mails, are reported; sequences beside it are read for their names.
    """
    files = _find(Path(path))
    project_loaded, project, project_problems = _project(files.root, files.shown_as)
    mails = read_mails(files.root, files.shown_as)
    subjects: dict[str, Subject] = {}
    for name, loaded in files.sequences.items():
        subjects[name] = Subject(name=name, loaded=loaded, project=project, mails=mails, sequences=subjects)
    checked = {name: check(subject, "sequence") for name, subject in subjects.items()}
    tests = {
        name: check(Subject(name=name, loaded=loaded, project=project, mails=mails, sequences=subjects), "test")
        for name, loaded in files.tests.items()
    }
    about_mails = tuple(_mail_problems(mails, project, subjects.values()))
    broken = {problem.file for problem in about_mails if problem.severity == "error"}
    good = {name: subjects[name] for name, problems in checked.items() if not has_errors(problems)}
    every = [_other_endings(files), project_problems, *checked.values(), *tests.values(), about_mails]
    return Workspace(
        root=files.root,
        project=project,
        sequences={name: _compile(subject) for name, subject in good.items() if not _uses(subject, mails, broken)},
        tests={name: files.tests[name] for name, problems in tests.items() if not has_errors(problems)},
        texts=mails,
        problems=in_order(_reported(files, [problem for problems in every for problem in problems], subjects, mails)),
        files=len(files.sequences) + len(files.tests) + (project_loaded is not None) + len(mails.texts),
    )


def _find(path: Path) -> _Files:
    root = path if path.is_dir() else path.parent
    if not path.exists():
        raise FileNotFoundError(path)
    prefix = "" if str(root) == "." else f"{root.as_posix().rstrip('/')}/"
    names = sorted(file for file in root.glob("*.yaml") if file.is_file() and file.name != PROJECT_FILE)
    tests = {file.name.removesuffix(_TEST): file for file in names if file.name.endswith(_TEST)}
    sequences = {file.stem: file for file in names if not file.name.endswith(_TEST)}
    return _Files(
        root=root,
        shown_as=prefix,
        sequences={name: load_file(file, shown_as=f"{prefix}{file.name}") for name, file in sequences.items()},
        tests={name: load_file(file, shown_as=f"{prefix}{file.name}") for name, file in tests.items()},
        only=None if path.is_dir() else f"{prefix}{path.name}",
    )


def _other_endings(files: _Files) -> tuple[Problem, ...]:
    """A sequence in a .yml file would never be seen, so it is a problem."""
    message, step = "a file that ends in .yml is not read", "rename it to .yaml"
    sources = (Source(f"{files.shown_as}{path.name}", ()) for path in sorted(files.root.glob("*.yml")))
    return tuple(source.problem(Span(1, 1), "bad-name", message, step) for source in sources)


def _project(root: Path, shown_as: str) -> tuple[Loaded | None, Project | None, tuple[Problem, ...]]:
    found = _nearest_project(root)
    if found is None:
        message, step = "there is no project.yaml here or above", "write one that names your organization and senders"
        return None, None, (Source(f"{shown_as}{PROJECT_FILE}", ()).problem(Span(1, 1), "no-project", message, step),)
    shown = f"{shown_as}{PROJECT_FILE}" if found.parent == root else str(found)
    loaded = load_file(found, shown_as=shown)
    problems = check(Subject(name="project", loaded=loaded), "project")
    return loaded, None if has_errors(problems) else Project.read(loaded.tree), problems


def _nearest_project(root: Path) -> Path | None:
    folders = [root, *root.resolve().parents][:_HIGHEST]
    return next((folder / PROJECT_FILE for folder in folders if (folder / PROJECT_FILE).is_file()), None)


def _mail_problems(mails: Mails, project: Project | None, subjects: Iterable[Subject]) -> Iterable[Problem]:
    readings = {name for subject in subjects for name in subject.readings}
    return mail_problems(mails, fields_with(project.custom_fields) if project else None, readings)


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


def _reported(
    files: _Files, problems: Iterable[Problem], subjects: Mapping[str, Subject], mails: Mails
) -> Iterable[Problem]:
    if files.only is None:
        return problems
    subject = next((subject for subject in subjects.values() if subject.loaded.file == files.only), None)
    shown = {files.only, *(_files_of(subject, mails) if subject else ())}
    return [problem for problem in problems if problem.file in shown or problem.rule == "no-project"]
