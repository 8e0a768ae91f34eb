"""Stage 5: the edition's files, then the git depot, data.gouv.fr and the analysts' snapshot.

`files` writes the tree that `layout` plans and `schema.yaml` describes, `verification` re-reads it (`rereading`,
by format); `depot` and `portal` publish it; `assets` are the Dagster steps, in the order in which a publication may be
stopped anywhere.
"""

from barometre_pipeline.publish.assets import PUBLISHED_ASSETS, PublishConfig, build_publication
from barometre_pipeline.publish.tree.provenance import is_demonstration

__all__ = ["PUBLISHED_ASSETS", "PublishConfig", "build_publication", "is_demonstration"]
