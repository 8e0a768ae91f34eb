-- Where each published value that no delivery gives comes from, and of how many territories it is made.
-- One row per indicateur, maille, territoire and date whose value is computed from a level below or copied from above.
-- @ methode: Façon dont la valeur est obtenue : somme, moyenne_ponderee, ratio ou recopie. [source: catalogue]
select
    d.ordre_mesure,
    d.ordre_indicateur,
    d.id_indicateur,
    d.maille,
    d.code,
    d.date,
    case d.origine when 'recopiee' then 'recopie' else i.agregation_territoriale end as methode,
    d.maille_source,
    d.enfants,
    d.enfants_attendus
from detail as d
join catalogue.indicateurs as i on i.id_indicateur = d.id_indicateur
where d.origine in ('agregee', 'recopiee')
order by d.ordre_mesure, d.ordre_indicateur, d.maille, d.code, d.date
