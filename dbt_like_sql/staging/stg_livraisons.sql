-- The deliveries that the edition is made of: where each comes from, what was read in it, what it is allowed.
-- One row per livraison.
select
    livraison,
    ministere,
    contenu,
    edition_origine,
    fichiers,
    sha256,
    octets,
    lignes,
    filtrees,
    ignorees,
    rejets,
    tolerance_rejets,
    cible_retenue,
    fichiers_lus
from raw.livraisons
order by livraison
