"""Where the program starts: it imports the commands, then obeys one.

Apart, because what it does must come before everything else is imported. The commands are in `app`.
"""

import gc
import signal
import sys
from importlib import import_module

from barometre_pipeline.package_files import told_version


def main() -> None:
    """Obey the command line, and exit with the status that it deserves (contract in `app`)."""
    if sys.argv[1:] == ["--version"]:
        print(told_version())  # at once: the engines take a second to import
        return
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
