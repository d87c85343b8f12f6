"""What the log may know of a fault: where it was, but not what it said, which may be an address."""

import traceback


def where(fault: Exception) -> str:
    """The kind of an exception and the lines that it came through, without its message."""
    frames = traceback.extract_tb(fault.__traceback__)
    return " < ".join([type(fault).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))])
