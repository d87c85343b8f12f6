"""Exit codes of every command."""

from typing import Final

EXIT_OK: Final = 0
EXIT_PROBLEMS: Final = 1
EXIT_WRONG_USE: Final = 2
EXIT_TOOL_FAULT: Final = 3
# 128 and the number of SIGINT: what a shell expects of a command that was ended by Ctrl-C.
EXIT_INTERRUPTED: Final = 130
