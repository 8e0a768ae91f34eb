-- What each value reads as in the synthèse: itself, or the sum of its calendar year so far.
-- One row per indicateur, maille, territoire and date.
select
    v.id_indicateur,
    v.maille,
    v.code,
    v.date,
    case i.lecture
        when 'derniere_valeur' then v.valeur
        when 'cumul_annuel' then (
            sum(v.valeur::decimal(38, 6)) over (
                partition by v.id_indicateur, v.maille, v.code, year(v.date) order by v.date
            )
        )::double
    end as lecture
from int_valeurs as v
join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
order by v.id_indicateur, v.maille, v.code, v.date
