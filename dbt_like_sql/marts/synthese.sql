-- Where each indicator stands in each territory: initial, current and target values, progress.
-- One row per indicateur, maille and territoire that has an objective and a value, in the order of publication.
-- @ edition: Édition, comme 2022-T1. [source: catalogue]
-- @ ordre_mesure: Rang de publication de la mesure. [unité: rang] [source: catalogue]
-- @ ordre_indicateur: Rang de publication de l’indicateur dans sa mesure. [unité: rang] [source: catalogue]
-- @ id_secteur: Secteur d’action publique. [source: catalogue]
-- @ id_mesure: Mesure (politique prioritaire). [source: catalogue]
-- @ libelle_mesure: Nom de la mesure. [source: catalogue]
-- @ id_indicateur: Indicateur. [source: catalogue]
-- @ libelle_indicateur: Nom de l’indicateur. [source: catalogue]
-- @ maille: Maille territoriale. [source: catalogue]
-- @ code: Code du territoire, unique dans sa maille seulement. [source: catalogue]
-- @ libelle_territoire: Nom du territoire. [source: catalogue]
-- @ valeur_actuelle: Dernière valeur lue, du cumul de l’année pour un compte annuel. [unité: celle de l’indicateur] [source: livraison]
-- @ date_valeur_actuelle: Date de la valeur actuelle. [unité: jour] [source: livraison]
-- @ valeur_initiale: Valeur de départ de l’objectif. [unité: celle de l’indicateur] [source: livraison des objectifs]
-- @ date_valeur_initiale: Date de la valeur initiale. [unité: jour] [source: livraison des objectifs, sinon catalogue]
-- @ progression: Valeur actuelle moins valeur initiale, arrondie. [unité: celle de l’indicateur] [source: calcul]
-- @ pourcentage_progression: Progression rapportée à la valeur initiale, arrondie. [unité: %] [source: calcul]
-- @ progression_derniere_maj: Valeur à la date de référence. [unité: celle de l’indicateur] [source: livraison]
-- @ pourcentage_progression_derniere_maj: Évolution depuis la date de référence, arrondie. [unité: %] [source: calcul]
-- @ progression_derniere_maj_date: Date de la valeur de référence. [unité: jour] [source: livraison]
-- @ cible: Valeur à atteindre. [unité: celle de l’indicateur] [source: livraison des objectifs]
-- @ pourcentage_cible: Taux d’avancement officiel, borné et arrondi. [unité: %] [source: calcul]
-- @ date_cible: Échéance de la cible. [unité: jour] [source: livraison des objectifs, sinon catalogue]
-- @ unite: Unité des valeurs. [source: catalogue]
with named as (
    select
        r.*,
        r.valeur_actuelle as va,
        r.valeur_initiale as vi,
        nullif(r.valeur_repere, 0) as repere,
        -- Oriented so that progress is always upwards.
        case i.sens when 'hausse' then 1 else -1 end as sens,
        e.edition,
        i.ordre_mesure,
        i.ordre_indicateur,
        i.id_secteur,
        i.id_mesure,
        i.libelle_mesure,
        i.libelle_indicateur,
        i.unite,
        i.arrondi,
        t.libelle_territoire
    from int_reperes as r
    join catalogue.indicateurs as i on i.id_indicateur = r.id_indicateur
    join catalogue.territoires as t on t.maille = r.maille and t.code = r.code
    cross join catalogue.edition as e
)

select
    edition,
    ordre_mesure,
    ordre_indicateur,
    id_secteur,
    id_mesure,
    libelle_mesure,
    id_indicateur,
    libelle_indicateur,
    maille,
    code,
    libelle_territoire,
    case when arrondi is null then va else round_even(va, arrondi) end as valeur_actuelle,
    date_valeur_actuelle,
    vi as valeur_initiale,
    date_valeur_initiale,
    round_even(va - vi, 0) + 0.0 as progression,
    round_even((va - vi) / nullif(vi, 0) * 100, 0) + 0.0 as pourcentage_progression,
    case when arrondi is null then repere else round_even(repere, arrondi) end as progression_derniere_maj,
    round_even((va - repere) / repere * 100, 0) + 0.0 as pourcentage_progression_derniere_maj,
    case when repere is not null then date_repere end as progression_derniere_maj_date,
    cible,
    case
        when va is null or vi is null or cible is null or cible = vi then null
        when (cible - vi) * sens > 0
            then round_even(least(greatest((va - vi) / (cible - vi) * 100, 0), 100), 0) + 0.0
        when va * sens >= cible * sens then 100.0
        else 0.0
    end as pourcentage_cible,
    date_cible,
    unite
from named
order by ordre_mesure, ordre_indicateur, maille, code
