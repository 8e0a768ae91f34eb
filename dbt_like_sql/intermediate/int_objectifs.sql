-- The objectives, completed by what the catalogue says for their indicator.
-- One row per indicateur, maille and territoire that has an objective.
select
    o.id_indicateur,
    o.maille,
    o.code,
    case when i.valeur_initiale_nulle then coalesce(o.valeur_initiale, 0) else o.valeur_initiale end as valeur_initiale,
    coalesce(o.date_valeur_initiale, i.date_initiale) as date_valeur_initiale,
    o.cible,
    coalesce(o.date_cible, i.date_cible) as date_cible,
    coalesce(o.date_arret, i.date_arret) as date_arret,
    coalesce(o.date_reference, i.date_reference) as date_reference
from stg_objectifs as o
join catalogue.indicateurs as i on i.id_indicateur = o.id_indicateur
where i.mailles is null or list_contains(i.mailles, o.maille)
order by o.id_indicateur, o.maille, o.code
