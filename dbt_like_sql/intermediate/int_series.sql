-- The delivered series turned into the published ones: multiplicateur, then serie.
-- One row per indicateur, maille, territoire and date. Decimals make the running sums exact, whatever their order.
with scaled as (
    select
        v.id_indicateur,
        v.maille,
        v.code,
        v.date,
        i.serie,
        i.premieres_valeurs_ecartees,
        i.premiere_date,
        round(v.valeur * i.multiplicateur, 6)::decimal(38, 6) as x
    from stg_valeurs as v
    join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
    where i.mailles is null or list_contains(i.mailles, v.maille)
),

published as (
    select
        *,
        row_number() over overall as rang,
        case serie
            when 'telle_quelle' then x
            when 'cumul' then sum(x) over overall
            when 'cumul_annuel' then sum(x) over within_year
            when 'decumul' then x - coalesce(lag(x) over overall, 0)
            when 'decumul_annuel' then x - coalesce(lag(x) over within_year, 0)
        end as valeur
    from scaled
    window
        overall as (partition by id_indicateur, maille, code order by date),
        within_year as (partition by id_indicateur, maille, code, year(date) order by date)
)

select
    id_indicateur,
    maille,
    code,
    date,
    valeur::double as valeur
from published
where rang > premieres_valeurs_ecartees and (premiere_date is null or date >= premiere_date)
order by id_indicateur, maille, code, date
