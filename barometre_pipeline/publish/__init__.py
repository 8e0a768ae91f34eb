"""Stage 5: the edition's files, then the git depot and data.gouv.fr.

`tree` writes and verifies the files that its `schema.yaml` describes; `publication` and `portal` publish them; `assets`
are the Dagster steps, in the order in which a publication may be stopped anywhere.
"""

from barometre_pipeline.publish.assets import ASKED, PUBLISHED_ASSETS, PublishConfig, build_publication
from barometre_pipeline.publish.tree.layout import published_paths
from barometre_pipeline.publish.tree.manifest import is_demonstration

__all__ = ["ASKED", "PUBLISHED_ASSETS", "PublishConfig", "build_publication", "is_demonstration", "published_paths"]
