-- The delivered values known to be wrong, and what holds in their place.
-- One row per edition and correction.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ id_indicateur: Identifiant de l’indicateur. [source: catalogue, corrections.yaml]
-- @ maille: Niveau du territoire. [source: catalogue, corrections.yaml]
-- @ code: Code du territoire dans sa maille. [source: catalogue, corrections.yaml]
-- @ date: Fin de la période de la valeur. [source: catalogue, corrections.yaml]
-- @ attendu: Valeur livrée que l’on sait fausse. [unité: celle de l’indicateur] [source: catalogue, corrections.yaml]
-- @ valeur: Valeur qui la remplace, vide si elle est retirée. [unité: celle de l’indicateur] [source: catalogue, corrections.yaml]
-- @ motif: Pourquoi. [source: catalogue, corrections.yaml]
-- @ reference: Ce qui l’atteste. [source: catalogue, corrections.yaml]
select
    e.edition,
    c.id_indicateur,
    c.maille,
    c.code,
    c.date,
    c.attendu,
    c.valeur,
    c.motif,
    c.reference
from catalogue.corrections as c
cross join catalogue.edition as e
order by all
