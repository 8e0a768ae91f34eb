-- The yearly counts, comparable from one date to the next: over the twelve months that end there, where all their periods
-- are known; else over the last whole calendar year; else nothing. The usual step is the median gap between two dates.
-- One row per indicateur read as `cumul_annuel`, maille, territoire and date; `pas` in months, null where it is irregular.
with counted as (
    select v.id_indicateur, v.maille, v.code, v.date, v.valeur::decimal(38, 6) as x, year(v.date) * 12 + month(v.date) as mois
    from int_valeurs as v
    join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
    where i.lecture = 'cumul_annuel'
),

steps as (
    select id_indicateur, maille, code, case when median(ecart) in (1, 3, 6, 12) then median(ecart)::int end as pas
    from (
        select *, mois - lag(mois) over (partition by id_indicateur, maille, code order by mois) as ecart
        from counted
    )
    group by id_indicateur, maille, code
),

-- As many values as there are periods, and as many of them one or several steps away: each at the place of its period.
summed as (
    select
        c.*,
        s.pas,
        sum(c.x) over twelve_months as douze_mois,
        count(*) over twelve_months as valeurs,
        count(*) over steps_of_twelve_months as periodes,
        sum(c.x) over within_year as annee,
        count(*) over within_year as valeurs_annee,
        count_if(c.mois % s.pas = 0) over within_year as periodes_annee
    from counted as c
    join steps as s using (id_indicateur, maille, code)
    window
        twelve_months as (partition by id_indicateur, maille, code order by c.mois range between 11 preceding and current row),
        steps_of_twelve_months as (
            partition by id_indicateur, maille, code, c.mois % s.pas order by c.mois range between 11 preceding and current row
        ),
        within_year as (partition by id_indicateur, maille, code, year(c.date) order by c.mois)
),

-- A year is whole at its December, once all its periods are there.
completed as (
    select
        *,
        valeurs = 12 // pas and periodes = valeurs as douze_mois_complets,
        last_value(
            case when valeurs_annee = 12 // pas and periodes_annee = valeurs_annee then {'valeur': annee, 'annee': year(date)} end
            ignore nulls
        ) over (partition by id_indicateur, maille, code order by mois) as derniere_annee
    from summed
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
