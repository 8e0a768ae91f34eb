-- The territorial levels, from the whole to the parts.
-- One row per maille.
select
    maille,
    libelle_maille as libelle,
    libelle_maille_pluriel as libelle_pluriel,
    parent_maille as parent,
    nom,
    rang
from catalogue.mailles
order by rang
