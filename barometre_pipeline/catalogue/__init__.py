"""The catalogue: everything that people edit, as one validated model.

`model`, `levels`, `deliveries`, `documentation` and `commitments` say what a catalogue holds, `loading` reads a
folder into it and tells every problem at once, `by_edition` finds that of each edition, `tables` turns it into
tables, `rules` and `delivery_rules` are what holds between its files, `maps` reads outlines, `missing` which texts it
lacks, `defaut/` is the catalogue shipped with the package. Nothing here reads a delivery.
"""

from barometre_pipeline.catalogue.by_edition import Catalogues
from barometre_pipeline.catalogue.commitments import Engagement
from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.levels import Maille, default_levels
from barometre_pipeline.catalogue.loading import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.catalogue.model import (
    Catalogue,
    Correction,
    Exception_,
    Indicateur,
    Mesure,
    Secteur,
    Territoire,
)

__all__ = [
    "DEFAULT_CATALOGUE",
    "Catalogue",
    "Catalogues",
    "Correction",
    "Engagement",
    "Exception_",
    "Indicateur",
    "Livraison",
    "Maille",
    "Mesure",
    "Secteur",
    "Territoire",
    "default_levels",
    "load_catalogue",
]
