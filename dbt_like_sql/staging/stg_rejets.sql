-- Everything that was delivered and kept aside: what could not be read, repeats, contradictions, what a newer file replaces.
-- One row per cell or row kept aside; `regle` names the quality rule, `motif` says why in a sentence.
with repeated as (
    select
        id_indicateur,
        maille,
        code,
        date,
        min(rang) as premier_rang,
        min(valeur) != max(valeur) as contradictoires
    from stg_valeurs_livrees
    where not remplacee
    group by id_indicateur, maille, code, date
    having count(*) > 1
),

values_aside as (
    select
        v.livraison,
        v.fichier,
        v.feuille,
        v.ligne,
        v.colonne,
        case when r.contradictoires then 'valeurs_contradictoires' else 'doublon_identique' end as regle,
        v.valeur::varchar as contenu,
        case
            when r.contradictoires then 'Plusieurs valeurs différentes pour la même clé (indicateur, territoire, date).'
            else 'Ligne identique à une ligne déjà lue.'
        end as motif,
        v.id_indicateur,
        v.maille,
        v.code,
        v.date
    from repeated as r
    join stg_valeurs_livrees as v using (id_indicateur, maille, code, date)
    where not v.remplacee and (r.contradictoires or v.rang > r.premier_rang)
),

contradicted as (
    select id_indicateur, maille, code, echeance, champ
    from stg_objectifs_livres
    where not remplacee
    group by id_indicateur, maille, code, echeance, champ
    having min(contenu) != max(contenu)
),

-- A row without a target date completes several objectives, and is kept aside once.
objectives_aside as (
    select distinct
        o.livraison,
        o.fichier,
        o.feuille,
        o.ligne,
        o.champ as colonne,
        'valeurs_contradictoires' as regle,
        o.contenu,
        'Plusieurs valeurs différentes pour le même champ du même objectif.' as motif,
        o.id_indicateur,
        o.maille,
        o.code,
        null::date as date
    from contradicted as c
    join stg_objectifs_livres as o
        on o.id_indicateur = c.id_indicateur
        and o.maille = c.maille
        and o.code = c.code
        and o.echeance is not distinct from c.echeance
        and o.champ = c.champ
        and not o.remplacee
),

values_replaced as (
    select
        o.livraison,
        o.fichier,
        o.feuille,
        o.ligne,
        o.colonne,
        'valeur_remplacee' as regle,
        o.valeur::varchar as contenu,
        'Remplacée par la valeur d''un fichier plus récent, ' || n.fichier || ' : ' || n.valeur || '.' as motif,
        o.id_indicateur,
        o.maille,
        o.code,
        o.date
    from stg_valeurs_livrees as o
    join stg_valeurs as n using (id_indicateur, maille, code, date)
    where o.remplacee and o.valeur != n.valeur
),

objectives_replaced as (
    select distinct
        o.livraison,
        o.fichier,
        o.feuille,
        o.ligne,
        o.champ as colonne,
        'valeur_remplacee' as regle,
        o.contenu,
        'Remplacée par celle d''un fichier plus récent, ' || n.fichier || ' : ' || n.contenu || '.' as motif,
        o.id_indicateur,
        o.maille,
        o.code,
        null::date as date
    from stg_objectifs_livres as o
    join stg_objectifs_livres as n
        on n.livraison = o.livraison
        and n.id_indicateur = o.id_indicateur
        and n.maille = o.maille
        and n.code = o.code
        and n.echeance is not distinct from o.echeance
        and n.champ = o.champ
    where o.remplacee and not n.remplacee and o.contenu != n.contenu
)

select * exclude (rang) from raw.rejets
union all by name
select * from values_aside
union all by name
select * from objectives_aside
union all by name
select * from values_replaced
union all by name
select * from objectives_replaced
order by livraison, fichier, feuille, ligne, colonne, regle, contenu
