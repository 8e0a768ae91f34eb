"""Stage 1: the deliveries, fetched from wherever they are and kept as received.

`locations` says where a delivery may be, `fetching` brings them all and refuses what is not what it says,
`assets` is the Dagster step. Nothing here reads the rows of a delivery.
"""

from barometre_pipeline.extract.assets import build_extract, received_keys
from barometre_pipeline.extract.fetching import FetchOptions, Fichiers

__all__ = ["FetchOptions", "Fichiers", "build_extract", "received_keys"]
