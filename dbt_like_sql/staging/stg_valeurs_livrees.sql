-- Every delivered number as it was read, with the catalogue's corrections applied.
-- One row per number of a delivery, in the order of reading (`rang`). A correction to nothing removes its row.
-- `remplacee` where a newer file of its delivery gives the same key, and newer files have priority.
with newest as (
    select v.livraison, v.id_indicateur, v.maille, v.code, v.date, max(list_position(l.fichiers_lus, v.fichier)) as rang
    from raw.valeurs as v
    join raw.livraisons as l on l.livraison = v.livraison and l.priorite = 'la_plus_recente'
    group by all
)

select
    v.rang,
    v.livraison,
    v.fichier,
    v.feuille,
    v.ligne,
    v.colonne,
    v.id_indicateur,
    v.maille,
    v.code,
    v.date,
    case when c.attendu is null then v.valeur else c.valeur end as valeur,
    c.attendu is not null as corrigee,
    v.pourcentage,
    v.drapeau,
    coalesce(list_position(l.fichiers_lus, v.fichier) < n.rang, false) as remplacee
from raw.valeurs as v
left join catalogue.corrections as c
    on c.id_indicateur = v.id_indicateur
    and c.maille = v.maille
    and c.code = v.code
    and c.date = v.date
    and c.attendu = v.valeur
left join newest as n
    on n.livraison = v.livraison
    and n.id_indicateur = v.id_indicateur
    and n.maille = v.maille
    and n.code = v.code
    and n.date = v.date
left join raw.livraisons as l on l.livraison = n.livraison
where c.attendu is null or c.valeur is not null
