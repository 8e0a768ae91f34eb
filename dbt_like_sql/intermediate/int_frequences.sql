-- How often each indicator has a value: what the catalogue announces, else the median gap between its dates.
-- One row per indicateur and maille that has a value; `mois` is a number of months, null where one date is all there is.
with announced as (
    select
        id_indicateur,
        coalesce(periode, frequence) as annonce,
        case
            when periode = 'mois' then 1
            when periode = 'trimestre' then 3
            when periode = 'semestre' then 6
            when periode = 'annee' then 12
            when regexp_matches(mots, '\d+ mois') then regexp_extract(mots, '(\d+) mois', 1)::bigint
            when regexp_matches(mots, 'quotidien|journalier|hebdo|continu|temps reel|mensuel|mois') then 1
            when regexp_matches(mots, 'bimestr') then 2
            when regexp_matches(mots, 'trimestr') then 3
            when regexp_matches(mots, 'semestr') then 6
            when regexp_matches(mots, '\b(deux|2) ans|bisannuel|biennal') then 24
            when regexp_matches(mots, 'annuel|\ban\b|\bannee') then 12
        end as mois_annonces
    from (select *, strip_accents(lower(frequence)) as mots from catalogue.indicateurs)
),

dates as (
    select distinct id_indicateur, maille, date
    from int_valeurs
),

gaps as (
    select
        id_indicateur,
        maille,
        datediff('month', lag(date) over (partition by id_indicateur, maille order by date), date) as ecart
    from dates
)

select
    g.id_indicateur,
    g.maille,
    a.annonce,
    a.mois_annonces,
    coalesce(a.mois_annonces, median(g.ecart)) as mois,
    -- Older than this at the edition's end, a value is old: half as much again as the period, and what a source takes.
    1.5 * mois + 3 as age_limite
from gaps as g
join announced as a on a.id_indicateur = g.id_indicateur
group by g.id_indicateur, g.maille, a.annonce, a.mois_annonces
order by g.id_indicateur, g.maille
