"""How a process that used Temporal ends."""

import logging
import os
import sys
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """End this process now, with exactly this exit code.

    Temporal's native threads may touch the interpreter while it shuts down: about one process in ten then aborts
    with 134 or 139 after all its work is done (sdk-python#300). Nothing of ours waits for `atexit`, so we flush
    what people read and leave without that shutdown.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
