-- Everything that was delivered and kept aside: what could not be read, repeats, contradictions.
-- One row per cell or row kept aside; `regle` names the quality rule, `motif` says why in a sentence.
with repeated as (
    select
        *,
        count(distinct valeur) over same_key as differentes,
        row_number() over (same_key order by rang) as passage
    from stg_valeurs_livrees
    window same_key as (partition by id_indicateur, maille, code, date)
),

values_aside as (
    select
        livraison,
        fichier,
        feuille,
        ligne,
        colonne,
        case when differentes > 1 then 'valeurs_contradictoires' else 'doublon_identique' end as regle,
        valeur::varchar as contenu,
        case
            when differentes > 1 then 'Plusieurs valeurs différentes pour la même clé (indicateur, territoire, date).'
            else 'Ligne identique à une ligne déjà lue.'
        end as motif,
        id_indicateur,
        maille,
        code,
        date
    from repeated
    where differentes > 1 or passage > 1
),

-- A row without a target date completes several objectives, and is kept aside once.
objectives_aside as (
    select distinct
        livraison,
        fichier,
        feuille,
        ligne,
        champ as colonne,
        'valeurs_contradictoires' as regle,
        contenu,
        'Plusieurs valeurs différentes pour le même champ du même objectif.' as motif,
        id_indicateur,
        maille,
        code,
        null::date as date
    from stg_objectifs_livres
    qualify count(distinct contenu) over (partition by id_indicateur, maille, code, echeance, champ) > 1
)

select * exclude (rang) from raw.rejets
union all by name
select * from values_aside
union all by name
select * from objectives_aside
order by livraison, fichier, feuille, ligne, colonne, regle, contenu
