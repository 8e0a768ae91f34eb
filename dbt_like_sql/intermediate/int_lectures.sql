-- What each value reads as in the synthèse: itself, or the sum of its calendar year so far (methodology.md, 2).
-- One row per indicateur, maille, territoire and date.
select
    v.indicateur,
    v.maille,
    v.territoire,
    v.date,
    case i.lecture
        when 'derniere_valeur' then v.valeur
        when 'cumul_annuel' then (
            sum(v.valeur::decimal(38, 6)) over (
                partition by v.indicateur, v.maille, v.territoire, year(v.date) order by v.date
            )
        )::double
    end as lecture
from int_valeurs as v
join catalogue.indicateurs as i on i.id = v.indicateur
order by v.indicateur, v.maille, v.territoire, v.date
