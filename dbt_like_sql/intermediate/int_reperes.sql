-- The three moments of each objective: the reading now, the one at the reference date.
-- One row per objective whose indicator has a value in its territory.
with measured as (
    select o.*
    from int_objectifs as o
    semi join int_lectures as l using (indicateur, maille, territoire)
),

now as (
    select m.*, l.date as date_valeur_actuelle, l.lecture as valeur_actuelle
    from (select *, coalesce(date_arret, date '9999-12-31') as arret from measured) as m
    asof left join int_lectures as l
        on l.indicateur = m.indicateur and l.maille = m.maille and l.territoire = m.territoire and l.date <= m.arret
)

select
    n.* exclude (arret),
    l.date as date_repere,
    l.lecture as valeur_repere
from now as n
asof left join int_lectures as l
    on l.indicateur = n.indicateur and l.maille = n.maille and l.territoire = n.territoire and l.date <= n.date_reference
order by n.indicateur, n.maille, n.territoire
