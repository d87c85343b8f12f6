"""The files of a sequence folder that have a layout, and writing one of them without ever leaving half of it."""

import os
import tempfile
from pathlib import Path

from rapport.errors import Refused


def yaml_files(path: Path) -> list[Path]:
    """The sequences, tests, project and change files of a folder in order, or the one file that was named."""
    if not path.is_dir():
        return [path]
    return [file for folder in (path, path / "changes") for file in sorted(folder.glob("*.yaml")) if file.is_file()]


def replace_text(path: Path, text: str, *, root: Path) -> None:
    """Put a text in the place of a file's: all of it or nothing, with the same permissions.

    A link inside `root` is followed and stays a link; Refused when it leads out. OSError when the disk refuses.
    """
    target = path.resolve()
    if not target.is_relative_to(root.resolve()):
        message = f"{path} is a link to a file outside of {root}, and was left as it is."
        raise Refused(reason="outside", message=message, hint="Name that file itself.")
    mode = target.stat().st_mode
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
