-- How often each indicator has a value: what the catalogue announces, else the median gap between its dates.
-- One row per indicateur and maille that has a value; `mois` is a number of months, null where one date is all there is.
with words as (
    select
        id_indicateur,
        periode,
        coalesce(periode, frequence) as annonce,
        -- These say no number of months.
        regexp_replace(strip_accents(lower(frequence)), '\b(infra|pluri|semi|bi)[ -]?annuel\w*', '', 'g') as mots
    from catalogue.indicateurs
),

said as (
    select
        *,
        regexp_extract(
            mots,
            '\b(quotidien|journalier|hebdo|continu|temps reel|bimensuel|mensuel|bimestriel|trimestriel|semestriel'
            || '|quadrimestriel|annuel|bisannuel|biennal|triennal|quinquennal)',
            1
        ) as adjectif,
        regexp_extract(
            mots,
            '\b(?:tous les|toutes les|chaque) (?:fin de )?(?:(\d{1,3}|deux|trois|quatre|cinq|six|dix|douze) )?'
            || '(jour|semaine|mois|trimestre|semestre|an)(?:s|nees?)?\b',
            ['nombre', 'unite']
        ) as tous_les,
        regexp_extract(
            mots,
            '\b(\d{1,3}|une|deux|trois|quatre|six|douze) fois (?:par |l.)(mois|trimestre|semestre|an)(?:nee)?\b',
            ['nombre', 'unite']
        ) as fois,
        map {'': 1, 'une': 1, 'deux': 2, 'trois': 3, 'quatre': 4, 'cinq': 5, 'six': 6, 'dix': 10, 'douze': 12} as nombres,
        map {'mois': 1, 'trimestre': 3, 'semestre': 6, 'an': 12} as unites
    from words
),

announced as (
    select
        id_indicateur,
        annonce,
        case
            when periode = 'mois' then 1
            when periode = 'trimestre' then 3
            when periode = 'semestre' then 6
            when periode = 'annee' then 12
            when adjectif = 'quinquennal' then 60
            when adjectif = 'triennal' then 36
            when adjectif in ('bisannuel', 'biennal') then 24
            when adjectif = 'annuel' then 12
            when adjectif = 'semestriel' then 6
            when adjectif = 'quadrimestriel' then 4
            when adjectif = 'trimestriel' then 3
            when adjectif = 'bimestriel' then 2
            when adjectif != '' then 1
            when fois.unite != ''
                then greatest(unites[fois.unite] // coalesce(try_cast(fois.nombre as integer), nombres[fois.nombre]), 1)
            when tous_les.unite in ('jour', 'semaine') then 1
            when tous_les.unite != ''
                then coalesce(try_cast(tous_les.nombre as integer), nombres[tous_les.nombre]) * unites[tous_les.unite]
        end as mois_annonces
    from said
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
