"""Names say what is inside."""

import re
from collections.abc import Sequence
from pathlib import Path

_FILLER = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
# Machine paths and registry hosts tie a file to one machine or one network.
_TIED = re.compile(
    r"""(?:^|[\s"'`=(:])/(?:root|work|home|Users)/\w"""
    r"|py(?:pi)\.org|python(?:hosted)\.org|registry\.np(?:mjs)\.org",
    re.MULTILINE,
)


def test_no_module_has_a_filler_name(root: Path, code_folders: Sequence[Path]) -> None:
    """A folder or file called utils gathers what nobody could name."""
    places = [path.relative_to(root) for folder in code_folders for path in folder.rglob("*")]

    filler = sorted(str(place) for place in places if _FILLER & set(re.split(r"[_\W]+", place.stem.lower())))

    assert filler == []


def test_no_file_is_tied_to_one_machine(root: Path, committed_files: Sequence[Path]) -> None:
    """A clone works anywhere: no absolute path of a machine, no host of a package registry."""
    tied = []
    for path in committed_files:
        match = _TIED.search(path.read_text(encoding="utf-8", errors="ignore"))
        if match:
            tied.append(f"{path.relative_to(root)}: {match[0].strip()}")

    assert tied == []


def test_pins_are_names_and_versions_only(root: Path) -> None:
    """`constraints.txt` can be used with any registry."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()

    odd = [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[a-z0-9.!+]+|#.*|", line, re.IGNORECASE)]

    assert odd == []
