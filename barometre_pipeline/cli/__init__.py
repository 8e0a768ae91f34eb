"""The command line: a thin door to the same Dagster job as the UI's.

`app` holds the commands, `running` runs the job and tells how it ended, `display` shows its progress.
"""

from barometre_pipeline.cli.app import main

__all__ = ["main"]
