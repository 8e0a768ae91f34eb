"""Who is told what became of the runs, by mail and by webhook, in French, each thing once.

`news` reads what happened in Dagster's own record; `channels` sends it; `sent` remembers what was sent; `sensor` is
what Dagster's daemon calls. Failing to send never fails a run: it is tried again at the next minute.
"""
