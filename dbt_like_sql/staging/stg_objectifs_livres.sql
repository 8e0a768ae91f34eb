-- Every filled cell of the delivered objectives, one below the other, for each objective that it speaks of.
-- One row per delivered row, filled cell (`champ`) and target date; `contenu` is the cell in words, to compare and show,
-- `remplacee` where a newer file of the delivery fills the same cell, and newer files have priority.
with cells as (
    from (unpivot (
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
    into name champ value contenu)
)

select
    c.*,
    e.echeance,
    list_position(l.fichiers_lus, c.fichier) as rang_fichier,
    coalesce(rang_fichier < max(rang_fichier) over same_cell, false) as remplacee
from cells as c
join stg_echeances as e using (rang)
left join raw.livraisons as l on l.livraison = c.livraison and l.priorite = 'la_plus_recente'
window same_cell as (partition by c.livraison, c.id_indicateur, c.maille, c.code, e.echeance, c.champ)
