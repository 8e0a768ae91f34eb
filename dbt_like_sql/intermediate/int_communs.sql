-- The indicators by which the territories of a level are compared: those that at least 95 % of them have a rate of, where the
-- indicator isn't meant to be as anywhere else.
-- One row per indicateur and maille.
with levels as (
    select maille, count(*) as territoires
    from catalogue.territoires
    group by maille
)

select t.id_indicateur, t.maille
from int_taux as t
join levels as l on l.maille = t.maille
where t.taux is not null and t.poids > 0
group by t.id_indicateur, t.maille, l.territoires
having count(*) >= 0.95 * l.territoires
order by t.id_indicateur, t.maille
