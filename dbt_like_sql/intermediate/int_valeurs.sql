-- All the values of the edition: delivered, aggregated, or copied down from the nearest level above where a level has none.
-- One row per indicateur, maille, territoire and date; `origine` is livree, agregee or recopiee, `maille_source` the level it comes from.
with known as (
    select id_indicateur, maille, code, date, valeur, 'livree' as origine, null::varchar as maille_source,
        null::bigint as enfants, null::bigint as enfants_attendus
    from int_series
    union all by name
    select id_indicateur, maille, code, date, valeur, 'agregee' as origine, maille_source, enfants, enfants_attendus
    from int_agregations
),

copied as (
    select k.id_indicateur, a.maille, a.code, k.date, k.valeur, 'recopiee' as origine, k.maille as maille_source
    from catalogue.indicateurs as i
    join known as k on k.id_indicateur = i.id_indicateur
    join catalogue.ancetres as a on a.maille_ancetre = k.maille and a.code_ancetre = k.code
    anti join known as own
        on own.id_indicateur = k.id_indicateur and own.maille = a.maille and own.code = a.code
    where i.recopie_maille_superieure and (i.mailles is null or list_contains(i.mailles, a.maille))
    qualify a.distance = min(a.distance) over (partition by k.id_indicateur, a.maille, a.code)
)

select * from known
union all by name
select * from copied
order by id_indicateur, maille, code, date
