-- What each indicator is, how its figures are made, and what is published of it.
-- One row per indicateur, in the order of publication.
-- @ libelle_secteur: Nom du secteur. [source: catalogue]
-- @ description: Ce que l’indicateur mesure, tel que sa documentation le dit. [source: catalogue]
-- @ note_unite: Ce que veut dire la marque qui suit l’unité. [source: catalogue]
-- @ sens: Sens du progrès : hausse ou baisse. [source: catalogue]
-- @ lecture: Lecture de la série : derniere_valeur ou cumul_annuel. [source: catalogue]
-- @ serie: Passage de la série livrée à la série publiée. [source: catalogue]
-- @ multiplicateur: Facteur appliqué aux valeurs livrées. [unité: sans] [source: catalogue]
-- @ agregation_territoriale: Calcul des mailles qui ne sont pas livrées. [source: catalogue]
-- @ poids: Indicateur qui pondère les moyennes entre territoires. [source: catalogue]
-- @ periode: Période de la série. [source: catalogue]
-- @ frequence: Fréquence de mise à jour annoncée, en toutes lettres. [source: catalogue]
-- @ producteur: Ministères qui livrent les valeurs. [source: livraison]
-- @ contact_nom: Qui répond de l’indicateur. [source: catalogue]
-- @ contact_courriel: Adresse électronique du contact. [source: catalogue]
-- @ mailles: Mailles qui ont une valeur. [source: calcul]
-- @ premiere_date: Première date publiée. [unité: jour] [source: livraison]
-- @ derniere_date: Dernière date publiée. [unité: jour] [source: livraison]
-- @ territoires: Territoires qui ont une valeur, toutes mailles confondues. [unité: territoires] [source: calcul]
-- @ origine: Type de demande à laquelle répond l’indicateur. [source: catalogue]
-- @ methode: Calcul de l’indicateur, en une phrase ou plusieurs. [source: catalogue]
with by_level as (
    select
        id_indicateur, maille, min(date) as premiere_date, max(date) as derniere_date, count(distinct code) as territoires
    from detail
    group by id_indicateur, maille
),

published as (
    select
        l.id_indicateur,
        string_agg(l.maille, ', ' order by m.rang) as mailles,
        min(l.premiere_date) as premiere_date,
        max(l.derniere_date) as derniere_date,
        sum(l.territoires)::bigint as territoires
    from by_level as l
    join catalogue.mailles as m on m.maille = l.maille
    group by l.id_indicateur
),

producers as (
    select v.id_indicateur, string_agg(distinct l.ministere, ', ' order by l.ministere) as producteur
    from (select distinct id_indicateur, livraison from stg_valeurs) as v
    join stg_livraisons as l on l.livraison = v.livraison
    group by v.id_indicateur
),

-- As in French: 1 000 000 (its spaces don't break), 0,001.
factors as (
    select
        id_indicateur,
        translate(rtrim(rtrim(format('{:,.9f}', multiplicateur), '0'), '.'), ',.', chr(160) || ',') as ecrit
    from catalogue.indicateurs
),

-- Those whose objectives hold the current value back.
stopped as (
    select distinct id_indicateur
    from int_objectifs
    where date_arret is not null
),

-- The sentences of `methode`: the series, then how its current value is read, then the levels that are not delivered.
methods as (
    select
        i.id_indicateur,
        case i.serie
            when 'telle_quelle' then 'Les valeurs sont publiées comme elles sont livrées'
            when 'cumul' then 'Les valeurs livrées sont cumulées depuis la première'
            when 'cumul_annuel' then 'Les valeurs livrées sont cumulées depuis le début de chaque année'
            when 'decumul' then 'Chaque valeur est la différence entre deux valeurs livrées qui se suivent'
            when 'decumul_annuel' then 'Chaque valeur est la différence entre deux valeurs livrées qui se suivent dans une même année'
        end
        || case
            when i.multiplicateur = 1 then ''
            when i.serie like 'decumul%' then ', multipliée par ' || f.ecrit
            else ', multipliées par ' || f.ecrit
        end || '.' as serie,
        case i.premieres_valeurs_ecartees
            when 1 then 'La première valeur de chaque territoire n’est pas publiée.'
            when 2 then 'Les deux premières valeurs de chaque territoire ne sont pas publiées.'
        end as ecartees,
        'Rien n’est publié avant le ' || strftime(i.premiere_date, '%d/%m/%Y') || '.' as debut,
        case i.arrondi
            when 0 then 'Les valeurs publiées sont arrondies à l’unité.'
            when 1 then 'Les valeurs publiées sont arrondies à une décimale.'
            else 'Les valeurs publiées sont arrondies à ' || i.arrondi || ' décimales.'
        end as arrondi,
        case i.lecture
            when 'derniere_valeur' then 'La valeur actuelle est la dernière valeur connue'
            when 'cumul_annuel' then 'La valeur actuelle est la somme des valeurs depuis le début de l’année'
        end
        || if(a.id_indicateur is null, '.', ', au plus tard à la date d’arrêt où l’objectif en fixe une.') as lecture,
        case i.agregation_territoriale
            when 'somme' then 'Une maille sans livraison reçoit la somme des territoires de la maille livrée la plus proche.'
            when 'ratio' then 'Une maille sans livraison reçoit le rapport des totaux de la maille livrée la plus proche : '
                || 'la moyenne de ses territoires, pondérée par « ' || w.libelle_indicateur || ' ».'
            else 'Une maille sans livraison reçoit la moyenne des territoires de la maille livrée la plus proche, pondérée par « '
                || w.libelle_indicateur || ' ».'
        end as agregation,
        case when i.recopie_maille_superieure then 'Un territoire sans valeur reprend celle de la maille supérieure.' end as recopie
    from catalogue.indicateurs as i
    join factors as f on f.id_indicateur = i.id_indicateur
    left join stopped as a on a.id_indicateur = i.id_indicateur
    left join catalogue.indicateurs as w on w.id_indicateur = i.poids
)

select
    e.edition,
    i.ordre_mesure,
    i.ordre_indicateur,
    i.id_indicateur,
    i.libelle_indicateur,
    i.id_mesure,
    i.libelle_mesure,
    i.id_secteur,
    s.libelle_secteur,
    i.description,
    i.unite,
    i.note_unite,
    i.sens,
    i.lecture,
    i.serie,
    i.multiplicateur,
    i.agregation_territoriale,
    i.poids,
    i.periode,
    i.frequence,
    p.producteur,
    i.contact_nom,
    i.contact_courriel,
    d.mailles,
    d.premiere_date,
    d.derniere_date,
    coalesce(d.territoires, 0) as territoires,
    i.origine,
    concat_ws(' ', m.serie, m.ecartees, m.debut, m.arrondi, m.lecture, m.agregation, m.recopie) as methode
from catalogue.indicateurs as i
join catalogue.secteurs as s on s.id_secteur = i.id_secteur
join methods as m on m.id_indicateur = i.id_indicateur
left join published as d on d.id_indicateur = i.id_indicateur
left join producers as p on p.id_indicateur = i.id_indicateur
cross join catalogue.edition as e
order by i.ordre_mesure, i.ordre_indicateur
