-- The delivered objectives, the rows of one objective completing one another.
-- One row per indicateur, maille, territoire and target date; where two rows contradict one another, the cell is empty (see stg_rejets).
with cells as (
    select
        id_indicateur,
        maille,
        code,
        echeance,
        champ,
        min(contenu) as contenu
    from stg_objectifs_livres
    where not remplacee
    group by id_indicateur, maille, code, echeance, champ
    having min(contenu) = max(contenu)
),

-- An objective whose cells are all empty is one all the same.
delivered as (
    select echeance, min(rang) as rang
    from stg_echeances
    group by id_indicateur, maille, code, echeance
)

select
    o.id_indicateur,
    o.maille,
    o.code,
    max(c.contenu) filter (where c.champ = 'valeur_initiale')::double as valeur_initiale,
    max(c.contenu) filter (where c.champ = 'date_valeur_initiale')::date as date_valeur_initiale,
    max(c.contenu) filter (where c.champ = 'cible')::double as cible,
    delivered.echeance as date_cible,
    max(c.contenu) filter (where c.champ = 'date_arret')::date as date_arret,
    max(c.contenu) filter (where c.champ = 'date_reference')::date as date_reference,
    o.livraison,
    o.fichier,
    o.feuille,
    o.ligne
from delivered
join raw.objectifs as o using (rang)
left join cells as c
    on c.id_indicateur = o.id_indicateur
    and c.maille = o.maille
    and c.code = o.code
    and c.echeance is not distinct from delivered.echeance
group by all
order by o.id_indicateur, o.maille, o.code, date_cible
