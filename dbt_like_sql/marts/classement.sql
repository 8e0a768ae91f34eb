-- How the territories of a level rank by an indicator: shares (unit in %) by comparable value, counts by the part of the way
-- done. Only territories whose value is of the most usual date, give or take a period, and their own: not copied from above.
-- One row per indicateur, maille and territoire, where two territories or more are compared.
-- @ rang: Rang, 1 pour le plus avancé ; les ex æquo ont tous le plus petit. [unité: rang] [source: calcul]
-- @ ex_aequo: D’autres territoires ont le même rang. [unité: vrai ou faux] [source: calcul]
-- @ n: Territoires classés. [unité: territoires] [source: calcul]
-- @ percentile: Part des autres territoires classés qui sont derrière, de 0 à 100 ; vide sous dix. [unité: %] [source: calcul]
-- @ base: Ce qui est classé : valeur_comparable (parts, dans le sens du progrès) ou part_parcourue (comptes). [source: calcul]
with measured as (
    select
        p.edition,
        p.id_indicateur,
        p.maille,
        p.code,
        p.territoire,
        p.dvc,
        i.unite like '\%%' escape '\' as part,
        -- Equal but for the last bits of a division is a tie.
        round(if(part, if(i.sens = 'hausse', p.vc, -p.vc), p.tau), 9) as mesure,
        f.mois
    from progression as p
    join catalogue.indicateurs as i on i.id_indicateur = p.id_indicateur
    join int_frequences as f on f.id_indicateur = p.id_indicateur and f.maille = p.maille
    anti join int_valeurs as v
        on v.id_indicateur = p.id_indicateur
        and v.maille = p.maille
        and v.code = p.code
        and v.date = p.date_valeur_actuelle
        and v.origine = 'recopiee'
),

-- Of two dates equally usual, the later one.
usual as (
    select id_indicateur, maille, max_by(dvc, (territoires, dvc)) as date_usuelle
    from (
        select id_indicateur, maille, dvc, count(*) as territoires
        from measured
        where mesure is not null
        group by id_indicateur, maille, dvc
    )
    group by id_indicateur, maille
),

compared as (
    select m.*
    from measured as m
    join usual as u on u.id_indicateur = m.id_indicateur and u.maille = m.maille
    where m.mesure is not null and abs(datediff('month', u.date_usuelle, m.dvc)) <= coalesce(m.mois, 0)
),

ranked as (
    select
        *,
        rank() over (partition by id_indicateur, maille order by mesure desc) as rang,
        count(*) over (partition by id_indicateur, maille, mesure) > 1 as ex_aequo,
        count(*) over (partition by id_indicateur, maille) as n,
        count(*) over (
            partition by id_indicateur, maille order by mesure
            range between unbounded preceding and current row exclude group
        ) as derriere
    from compared
)

select
    edition,
    id_indicateur,
    maille,
    code,
    territoire,
    rang,
    ex_aequo,
    n,
    case when n >= 10 then 100 * derriere / (n - 1) end as percentile,
    if(part, 'valeur_comparable', 'part_parcourue') as base
from ranked
where n > 1
order by id_indicateur, maille, rang, code
