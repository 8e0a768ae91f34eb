-- The delivered objectives, the rows of one objective completing one another.
-- One row per indicateur, maille and territoire; where two rows contradict one another, the cell is empty (see stg_rejets).
with cells as (
    select
        indicateur,
        maille,
        territoire,
        champ,
        case when count(distinct contenu) = 1 then min(contenu) end as contenu,
        min(rang) as rang
    from stg_objectifs_livres
    group by indicateur, maille, territoire, champ
)

select
    c.indicateur,
    c.maille,
    c.territoire,
    max(c.contenu) filter (where c.champ = 'valeur_initiale')::double as valeur_initiale,
    max(c.contenu) filter (where c.champ = 'date_valeur_initiale')::date as date_valeur_initiale,
    max(c.contenu) filter (where c.champ = 'cible')::double as cible,
    max(c.contenu) filter (where c.champ = 'date_cible')::date as date_cible,
    max(c.contenu) filter (where c.champ = 'date_arret')::date as date_arret,
    max(c.contenu) filter (where c.champ = 'date_reference')::date as date_reference,
    arg_min(o.livraison, c.rang) as livraison,
    arg_min(o.fichier, c.rang) as fichier,
    arg_min(o.ligne, c.rang) as ligne
from cells as c
join raw.objectifs as o using (rang)
group by c.indicateur, c.maille, c.territoire
order by c.indicateur, c.maille, c.territoire
