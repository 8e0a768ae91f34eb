-- Every delivered number as it was read, with the catalogue's corrections applied.
-- One row per number of a delivery, in the order of reading (`rang`). A correction to nothing removes its row.
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
    v.drapeau
from raw.valeurs as v
left join catalogue.corrections as c
    on c.id_indicateur = v.id_indicateur
    and c.maille = v.maille
    and c.code = v.code
    and c.date = v.date
    and c.attendu = v.valeur
where c.attendu is null or c.valeur is not null
