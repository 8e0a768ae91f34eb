-- Every target of each objective, completed by what the catalogue says for its indicator.
-- One row per indicateur, maille, territoire and target date; `retenue` tells the one that progress is measured by.
with completed as (
    select
        o.id_indicateur,
        o.maille,
        o.code,
        case when i.valeur_initiale_nulle then coalesce(o.valeur_initiale, 0) else o.valeur_initiale end
            as valeur_initiale,
        coalesce(o.date_valeur_initiale, i.date_initiale) as date_valeur_initiale,
        o.cible,
        coalesce(o.date_cible, i.date_cible) as date_cible,
        coalesce(o.date_arret, i.date_arret) as date_arret,
        coalesce(o.date_reference, i.date_reference) as date_reference,
        i.date_cible as date_de_l_indicateur,
        coalesce(i.cible_retenue, l.cible_retenue, 'finale') as cible_retenue
    from stg_objectifs as o
    join catalogue.indicateurs as i on i.id_indicateur = o.id_indicateur
    left join stg_livraisons as l on l.livraison = o.livraison
    where i.mailles is null or list_contains(i.mailles, o.maille)
)

select
    completed.* exclude (date_de_l_indicateur, cible_retenue),
    row_number() over (
        partition by id_indicateur, maille, code
        order by
            coalesce(date_cible = date_de_l_indicateur, false) desc,
            case when cible_retenue = 'prochaine' and date_cible >= e.fin then date_cible end asc nulls last,
            date_cible desc nulls last
    ) = 1 as retenue
from completed
cross join catalogue.edition as e
order by id_indicateur, maille, code, date_cible
