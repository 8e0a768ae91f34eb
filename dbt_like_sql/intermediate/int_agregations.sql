-- Values of the levels that no delivery gives, summed or weighted from the nearest level below that one gives.
-- One row per indicateur, maille, territoire and date, with how many children had a value and how many ever did.
with given as (
    select distinct id_indicateur, maille
    from int_series
),

-- Of the levels below that are given, the one in the fewest steps; of two equally near, the first of the catalogue.
sources as (
    select i.id_indicateur, i.agregation_territoriale, i.poids, b.maille_ancetre as maille, b.maille as maille_source
    from catalogue.indicateurs as i
    join given as g on g.id_indicateur = i.id_indicateur
    join (select distinct maille, maille_ancetre, distance from catalogue.ancetres) as b on b.maille = g.maille
    join catalogue.mailles as m on m.maille = b.maille
    anti join given as own on own.id_indicateur = i.id_indicateur and own.maille = b.maille_ancetre
    where i.agregation_territoriale is not null
        and (i.mailles is null or list_contains(i.mailles, b.maille_ancetre))
    qualify row_number() over (partition by i.id_indicateur, b.maille_ancetre order by b.distance, m.rang) = 1
),

children as (
    select
        s.id_indicateur,
        s.maille,
        s.maille_source,
        s.agregation_territoriale,
        s.poids as id_poids,
        a.code_ancetre as code,
        v.code as code_enfant,
        v.date,
        v.valeur
    from sources as s
    join int_series as v on v.id_indicateur = s.id_indicateur and v.maille = s.maille_source
    join catalogue.ancetres as a on a.maille = v.maille and a.code = v.code and a.maille_ancetre = s.maille
),

summed as (
    select
        id_indicateur,
        maille,
        code,
        date,
        sum(valeur::decimal(38, 6))::double as valeur,
        maille_source,
        count(*) as enfants
    from children
    where agregation_territoriale = 'somme'
    group by id_indicateur, maille, code, date, maille_source
),

-- Apart from the sums, which need neither a weight nor an order: of ten million values they are twenty times as fast.
weighted as (
    select
        c.id_indicateur,
        c.maille,
        c.code,
        c.date,
        fsum(c.valeur * p.valeur order by c.valeur, p.valeur) / nullif(fsum(p.valeur order by p.valeur), 0) as valeur,
        c.maille_source,
        count(*) as enfants
    from (select * from children where agregation_territoriale != 'somme') as c
    -- The weight known at the date of the value: population, say, is known once a year.
    asof join int_series as p
        on p.id_indicateur = c.id_poids
        and p.maille = c.maille_source
        and p.code = c.code_enfant
        and p.date <= c.date
    group by c.id_indicateur, c.maille, c.code, c.date, c.maille_source
),

rolled_up as (
    select * from summed
    union all by name
    select * from weighted
)

select
    *,
    max(enfants) over (partition by id_indicateur, maille, code) as enfants_attendus
from rolled_up
where valeur is not null
order by id_indicateur, maille, code, date
