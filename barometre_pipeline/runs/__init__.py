"""How a run lives in Dagster: its partition, the home that it holds, its instance, the sentence with which it fails.

Nothing here knows a stage.
"""
