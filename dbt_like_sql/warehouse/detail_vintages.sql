-- Each value with the publications between which it was the one known, as ALFRED's real-time periods.
-- One row per indicateur, maille, territoire, date and value, for as long as it did not change.
-- @ connue_de: Première publication qui porte cette valeur. [source: étiquettes du dépôt]
-- @ connue_jusqu_a: Dernière publication qui la porte avant qu’elle change ou disparaisse, vide si elle tient encore. [source: étiquettes du dépôt]
with ranked as (
    select
        edition,
        publication,
        row_number() over (order by edition, length(publication), publication) as rang,
        count(*) over () as dernier
    from editions
    where not retiree
),

known as (
    select
        d.id_indicateur,
        d.maille,
        d.code,
        d.territoire,
        d.date,
        d.valeur,
        p.publication,
        p.rang,
        p.dernier,
        p.rang - row_number() over (
            partition by d.id_indicateur, d.maille, d.code, d.date, d.valeur order by p.rang
        ) as suite
    from detail_par_publication as d
    join ranked as p on p.publication = d.publication
)

select
    id_indicateur,
    maille,
    code,
    territoire,
    date,
    valeur,
    arg_min(publication, rang) as connue_de,
    case when max(rang) < any_value(dernier) then arg_max(publication, rang) end as connue_jusqu_a
from known
group by id_indicateur, maille, code, territoire, date, valeur, suite
