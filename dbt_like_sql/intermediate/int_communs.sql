-- The indicators by which the territories of a level are compared: those that at least 95 % of them have a rate of, the
-- territories where an indicator isn't meant to be left out of the count.
-- One row per indicateur and maille.
with meant as (
    select i.id_indicateur, t.maille, count(*) as territoires
    from catalogue.territoires as t
    cross join catalogue.indicateurs as i
    anti join catalogue.territoires_non_concernes as n
        on n.id_indicateur = i.id_indicateur and n.maille = t.maille and n.code = t.code
    group by i.id_indicateur, t.maille
)

select t.id_indicateur, t.maille
from int_taux as t
join meant as m on m.id_indicateur = t.id_indicateur and m.maille = t.maille
where t.taux is not null and t.poids > 0
group by t.id_indicateur, t.maille, m.territoires
having count(*) >= 0.95 * m.territoires
order by t.id_indicateur, t.maille
