-- The yearly counts, comparable from one date to the next: over the twelve months that end there, where all their periods
-- are known; else over the last whole calendar year; else nothing. The usual step is the median gap between two dates.
-- One row per indicateur read as `cumul_annuel`, maille, territoire and date; `pas` in months, null where it is irregular.
with counted as (
    select v.id_indicateur, v.maille, v.code, v.date, v.valeur::decimal(38, 6) as x, year(v.date) * 12 + month(v.date) as mois
    from int_valeurs as v
    join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
    where i.lecture = 'cumul_annuel'
),

summed as (
    select
        *,
        mois - lag(mois) over overall as ecart,
        sum(x) over twelve_months as douze_mois,
        count(*) over twelve_months as periodes,
        sum(x) over within_year as annee,
        count(*) over within_year as periodes_annee
    from counted
    window
        overall as (partition by id_indicateur, maille, code order by mois),
        twelve_months as (partition by id_indicateur, maille, code order by mois range between 11 preceding and current row),
        within_year as (partition by id_indicateur, maille, code, year(date) order by mois)
),

steps as (
    select id_indicateur, maille, code, case when median(ecart) in (1, 3, 6, 12) then median(ecart) end as pas
    from summed
    group by id_indicateur, maille, code
),

completed as (
    select
        *,
        periodes = 12 / pas as douze_mois_complets,
        last_value(case when periodes_annee = 12 / pas then {'valeur': annee, 'annee': year(date)} end ignore nulls) over (
            partition by id_indicateur, maille, code order by mois
        ) as derniere_annee
    from summed
    join steps using (id_indicateur, maille, code)
)

select
    id_indicateur,
    maille,
    code,
    date,
    pas,
    (case when douze_mois_complets then douze_mois else derniere_annee.valeur end)::double as vc,
    case when douze_mois_complets then date else make_date(derniere_annee.annee, 12, 31) end as dvc,
    case when douze_mois_complets then '12_mois' when derniere_annee is not null then 'annee_complete' end as base
from completed
order by id_indicateur, maille, code, date
