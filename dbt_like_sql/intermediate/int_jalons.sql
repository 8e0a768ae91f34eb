-- What the comparable values of each objective were: when its target was due, a year before now, since when they meet it.
-- One row per objective that has a target and a comparable value.
with readings as (
    select l.id_indicateur, l.maille, l.code, l.date, l.lecture as vc, l.date as dvc
    from int_lectures as l
    join catalogue.indicateurs as i on i.id_indicateur = l.id_indicateur
    where i.lecture = 'derniere_valeur'
    union all by name
    select id_indicateur, maille, code, date, vc, dvc
    from int_comparables
    where vc is not null
),

moments as (
    select
        a.id_indicateur,
        a.maille,
        a.code,
        max({'date': r.date, 'dvc': r.dvc, 'vc': r.vc}) filter (where r.date <= a.dc) as echeance,
        max({'date': r.date, 'dvc': r.dvc, 'vc': r.vc}) filter (where r.date <= last_day(a.dvc - interval 12 months))
            as un_an_avant,
        max(r.dvc) filter (where a.signe * r.vc < a.signe * a.c) as dernier_ecart,
        any_value(a.vc_atteint) as vc_atteint,
        any_value(a.dva) as dva
    from readings as r
    join int_actuelles as a
        on a.id_indicateur = r.id_indicateur and a.maille = r.maille and a.code = r.code and r.date <= a.dva
    where a.c is not null
    group by a.id_indicateur, a.maille, a.code
),

met as (
    select m.id_indicateur, m.maille, m.code, min(r.dvc) as date_atteinte
    from readings as r
    join moments as m
        on m.id_indicateur = r.id_indicateur
        and m.maille = r.maille
        and m.code = r.code
        and r.date <= m.dva
        and r.dvc > coalesce(m.dernier_ecart, date '0001-01-01')
    where m.vc_atteint
    group by m.id_indicateur, m.maille, m.code
)

select
    m.id_indicateur,
    m.maille,
    m.code,
    m.echeance.vc as valeur_a_echeance,
    m.echeance.dvc as date_valeur_a_echeance,
    m.un_an_avant.vc as vc_un_an_avant,
    m.un_an_avant.dvc as dvc_un_an_avant,
    t.date_atteinte
from moments as m
left join met as t using (id_indicateur, maille, code)
order by m.id_indicateur, m.maille, m.code
