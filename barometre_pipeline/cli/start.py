"""Where the program starts: it imports the commands, then obeys one.

Apart, because what it does must come before everything else is imported. The commands are in `app`.
"""

import ctypes
import gc
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module

from barometre_pipeline.package_files import told_version

# Of glibc's mallopt: how many heaps threads may share. One a thread keeps what each of them freed.
_ARENA_MAX, _ARENAS = -8, 2


def main() -> None:
    """Obey the command line, and exit with the status that it deserves (contract in `app`)."""
    if sys.argv[1:] == ["--version"]:
        print(told_version())  # at once: the engines take a second to import
        return
    _give_memory_back()
    # A script's `&` has it ignored, and Dagster, as it is imported, would have SIGTERM ignored too.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # What is imported lasts: looking for garbage in it, then and at each later search, took a twentieth of a run.
    gc.disable()
    try:
        app = import_module("barometre_pipeline.cli.app")
    except KeyboardInterrupt:
        sys.exit(130)  # nothing was begun
    gc.freeze()
    gc.enable()
    app.main()


def _give_memory_back() -> None:
    """Have what is freed go back to the machine, here and in the processes that this one starts: a quarter of a run's.

    Before the libraries that allocate are imported; what the environment says otherwise holds.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own keeps what it frees for a while
    if "MALLOC_ARENA_MAX" not in os.environ:
        os.environ["MALLOC_ARENA_MAX"] = str(_ARENAS)
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
