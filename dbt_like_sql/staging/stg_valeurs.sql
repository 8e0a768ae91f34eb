-- The delivered values that the edition is computed from.
-- One row per indicateur, maille, territoire and date; a key with two different values is left out (see stg_rejets).
with agreed as (
    select min(rang) as rang
    from stg_valeurs_livrees
    where not remplacee
    group by id_indicateur, maille, code, date
    having min(valeur) = max(valeur)
)

select
    v.id_indicateur,
    v.maille,
    v.code,
    v.date,
    v.valeur,
    v.corrigee,
    v.pourcentage,
    v.drapeau,
    v.livraison,
    v.fichier,
    v.feuille,
    v.ligne,
    v.colonne
from stg_valeurs_livrees as v
join agreed using (rang)
order by v.id_indicateur, v.maille, v.code, v.date
