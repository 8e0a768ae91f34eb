-- Every filled cell of the delivered objectives, one below the other.
-- One row per delivered row and filled cell (`champ`); `contenu` is the cell in words, to compare and to show.
select *
from (
    unpivot (
        select
            rang,
            livraison,
            fichier,
            feuille,
            ligne,
            id_indicateur,
            maille,
            code,
            valeur_initiale::varchar as valeur_initiale,
            date_valeur_initiale::varchar as date_valeur_initiale,
            cible::varchar as cible,
            date_cible::varchar as date_cible,
            date_arret::varchar as date_arret,
            date_reference::varchar as date_reference
        from raw.objectifs
    )
    on valeur_initiale, date_valeur_initiale, cible, date_cible, date_arret, date_reference
    into name champ value contenu
)
