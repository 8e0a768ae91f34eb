-- All the values of the edition: delivered, aggregated, or copied down from the upper level where a level has none.
-- One row per indicateur, maille, territoire and date; `origine` is livree, agregee or recopiee.
with known as (
    select indicateur, maille, territoire, date, valeur, 'livree' as origine, null::bigint as enfants,
        null::bigint as enfants_attendus
    from int_series
    union all by name
    select indicateur, maille, territoire, date, valeur, 'agregee' as origine, enfants, enfants_attendus
    from int_agregations
),

-- The nearest upper level that has a value, for each territory and indicator to fill.
ancestors as (
    select t.maille, t.code as territoire, 'nationale' as maille_source, n.code as source, 2 as distance
    from catalogue.territoires as t
    join catalogue.territoires as n on n.maille = 'nationale'
    where t.maille != 'nationale'
    union all
    select maille, code, 'regionale', parent, 1
    from catalogue.territoires
    where maille = 'departementale'
),

copied as (
    select k.indicateur, a.maille, a.territoire, k.date, k.valeur, 'recopiee' as origine
    from catalogue.indicateurs as i
    join known as k on k.indicateur = i.id
    join ancestors as a on a.maille_source = k.maille and a.source = k.territoire
    anti join known as own
        on own.indicateur = k.indicateur and own.maille = a.maille and own.territoire = a.territoire
    where i.recopie_maille_superieure and (i.mailles is null or list_contains(i.mailles, a.maille))
    qualify a.distance = min(a.distance) over (partition by k.indicateur, a.maille, a.territoire)
)

select * from known
union all by name
select * from copied
order by indicateur, maille, territoire, date
