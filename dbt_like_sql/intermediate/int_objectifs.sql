-- The objectives that progress is measured by: of several targets, the one that is retained.
-- One row per indicateur, maille and territoire that has an objective.
select
    id_indicateur,
    maille,
    code,
    valeur_initiale,
    date_valeur_initiale,
    cible,
    date_cible,
    date_arret,
    date_reference
from int_etapes
where retenue
order by id_indicateur, maille, code
