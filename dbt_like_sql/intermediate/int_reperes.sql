-- The three moments of each objective: the reading now, the one at the reference date.
-- One row per objective whose indicator has a value in its territory.
with measured as (
    select o.*
    from int_objectifs as o
    semi join int_lectures as l using (id_indicateur, maille, code)
),

now as (
    select m.*, l.date as date_valeur_actuelle, l.lecture as valeur_actuelle
    from (select *, coalesce(date_arret, date '9999-12-31') as arret from measured) as m
    asof left join int_lectures as l
        on l.id_indicateur = m.id_indicateur and l.maille = m.maille and l.code = m.code and l.date <= m.arret
)

select
    n.* exclude (arret),
    l.date as date_repere,
    l.lecture as valeur_repere
from now as n
asof left join int_lectures as l
    on l.id_indicateur = n.id_indicateur and l.maille = n.maille and l.code = n.code and l.date <= n.date_reference
order by n.id_indicateur, n.maille, n.code
