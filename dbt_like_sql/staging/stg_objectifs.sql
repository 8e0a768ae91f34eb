-- The delivered objectives, the rows of one objective completing one another.
-- One row per indicateur, maille and territoire; where two rows contradict one another, the cell is empty (see stg_rejets).
with cells as (
    select
        id_indicateur,
        maille,
        code,
        champ,
        min(contenu) as contenu
    from stg_objectifs_livres
    group by id_indicateur, maille, code, champ
    having count(distinct contenu) = 1
),

-- An objective whose cells are all empty is one all the same.
delivered as (
    select id_indicateur, maille, code, min(rang) as rang
    from raw.objectifs
    group by id_indicateur, maille, code
)

select
    o.id_indicateur,
    o.maille,
    o.code,
    max(c.contenu) filter (where c.champ = 'valeur_initiale')::double as valeur_initiale,
    max(c.contenu) filter (where c.champ = 'date_valeur_initiale')::date as date_valeur_initiale,
    max(c.contenu) filter (where c.champ = 'cible')::double as cible,
    max(c.contenu) filter (where c.champ = 'date_cible')::date as date_cible,
    max(c.contenu) filter (where c.champ = 'date_arret')::date as date_arret,
    max(c.contenu) filter (where c.champ = 'date_reference')::date as date_reference,
    o.livraison,
    o.fichier,
    o.feuille,
    o.ligne
from delivered
join raw.objectifs as o using (rang)
left join cells as c on c.id_indicateur = o.id_indicateur and c.maille = o.maille and c.code = o.code
group by all
order by o.id_indicateur, o.maille, o.code
