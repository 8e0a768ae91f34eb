"""Processes of the tests end when told: a script's `&` has SIGINT ignored, then Dagster has SIGTERM ignored too."""

import signal

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
