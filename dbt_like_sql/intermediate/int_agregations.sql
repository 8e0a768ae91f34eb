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

weights as (
    select id_indicateur, maille, code, date, valeur as poids
    from int_series
),

children as (
    select
        s.id_indicateur,
        s.maille,
        s.maille_source,
        s.agregation_territoriale,
        a.code_ancetre as code,
        v.date,
        v.valeur,
        p.poids
    from sources as s
    join int_series as v on v.id_indicateur = s.id_indicateur and v.maille = s.maille_source
    join catalogue.ancetres as a on a.maille = v.maille and a.code = v.code and a.maille_ancetre = s.maille
    -- The weight known at the date of the value: population, say, is known once a year.
    asof left join weights as p
        on p.id_indicateur = s.poids and p.maille = v.maille and p.code = v.code and p.date <= v.date
),

rolled_up as (
    select
        id_indicateur,
        maille,
        code,
        date,
        case agregation_territoriale
            when 'somme' then sum(valeur::decimal(38, 6))::double
            else fsum(valeur * poids order by valeur, poids) / nullif(fsum(poids order by poids), 0)
        end as valeur,
        maille_source,
        count(*) as enfants
    from children
    where agregation_territoriale = 'somme' or poids is not null
    group by id_indicateur, maille, code, date, agregation_territoriale, maille_source
)

select
    *,
    max(enfants) over (partition by id_indicateur, maille, code) as enfants_attendus
from rolled_up
where valeur is not null
order by id_indicateur, maille, code, date
