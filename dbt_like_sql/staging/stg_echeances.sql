-- Which objectives each delivered row speaks of: that of its target date; without one, all those of its territory.
-- One row per delivered row (`rang`) and target date (`echeance`, empty where no row of the territory has any).
with dated as (
    select distinct id_indicateur, maille, code, date_cible
    from raw.objectifs
    where date_cible is not null
)

select
    o.rang,
    o.id_indicateur,
    o.maille,
    o.code,
    coalesce(o.date_cible, d.date_cible) as echeance
from raw.objectifs as o
left join dated as d
    on o.date_cible is null
    and d.id_indicateur = o.id_indicateur
    and d.maille = o.maille
    and d.code = o.code
order by o.rang, echeance
