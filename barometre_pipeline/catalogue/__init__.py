"""The catalogue: everything that people edit, as one validated model.

`model` and `deliveries` say what a catalogue holds, `loading` reads a folder into it and tells every problem at once,
`tables` turns it into tables, `fields` are the kinds of fields, `rules` those that need several files, `defaut/` is the
catalogue shipped with the package. Nothing here reads a delivery.
"""

from barometre_pipeline.catalogue.deliveries import COLUMNS_OF, FORMATS, Livraison
from barometre_pipeline.catalogue.fields import MAILLES
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
    "COLUMNS_OF",
    "DEFAULT_CATALOGUE",
    "FORMATS",
    "MAILLES",
    "Catalogue",
    "Correction",
    "Exception_",
    "Indicateur",
    "Livraison",
    "Mesure",
    "Secteur",
    "Territoire",
    "load_catalogue",
]
