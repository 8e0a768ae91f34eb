"""What is looked at each day, where the settings ask for it: what changed at the addresses, how fresh deliveries are.

Nothing is published from here.
"""

from barometre_pipeline.sensors.freshness import build_freshness
from barometre_pipeline.sensors.watch import build_daily_watch

__all__ = ["build_daily_watch", "build_freshness"]
