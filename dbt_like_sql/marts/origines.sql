-- Where each published value was read: delivery, file, sheet, row and column; of a sum or a mean, each territory it is made of.
-- One row per published key and territoire whose value was read; the cell is the one of that date, whatever the series sums.
-- In no order: of ten million values there are forty million origins, which the history sorts where it keeps them.
-- @ edition: Édition, comme 2022-T1. [source: catalogue]
-- @ id_indicateur: Indicateur. [source: catalogue]
-- @ maille: Maille territoriale de la valeur publiée. [source: catalogue]
-- @ code: Code du territoire de la valeur publiée, unique dans sa maille seulement. [source: catalogue]
-- @ date: Dernier jour de la période que la valeur décrit. [unité: jour] [source: livraison]
-- @ transformation: Ce qui mène de la valeur lue à la valeur publiée : la série (telle_quelle, cumul…), l’agrégation (somme…)
--   ou recopie. [source: catalogue]
-- @ maille_source: Maille du territoire dont la valeur a été lue. [source: livraison]
-- @ code_source: Code du territoire dont la valeur a été lue. [source: livraison]
-- @ livraison: Livraison. [source: catalogue]
-- @ fichier: Fichier ; d’une archive, son membre. [source: livraison]
-- @ feuille: Feuille du classeur. [source: livraison]
-- @ ligne: Ligne du fichier ou de la feuille, comme un tableur les numérote. [unité: rang] [source: livraison]
-- @ colonne: Colonne de la valeur. [source: livraison]
-- @ sha256: Empreinte du fichier reçu. [source: livraison]
-- @ drapeau: Marque qui suivait le nombre ou sa date, comme (p). [source: livraison]
-- @ corrigee: La valeur lue est corrigée par le catalogue. [unité: vrai ou faux] [source: catalogue]
with delivered as (
    select v.*, i.serie
    from stg_valeurs as v
    join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
    where i.premieres_valeurs_ecartees = 0
        and i.premiere_date is null
        and (i.mailles is null or list_contains(i.mailles, v.maille))
    union all by name
    -- Of a series that loses its first values, those that are left.
    select v.*, i.serie
    from stg_valeurs as v
    join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
    semi join int_series as s
        on s.id_indicateur = v.id_indicateur and s.maille = v.maille and s.code = v.code and s.date = v.date
    where i.premieres_valeurs_ecartees > 0 or i.premiere_date is not null
),

aggregations as (
    select distinct g.id_indicateur, g.maille, g.maille_source, i.agregation_territoriale, i.poids
    from int_agregations as g
    join catalogue.indicateurs as i on i.id_indicateur = g.id_indicateur
),

-- A child without a weight is not in the mean.
weights as (
    select id_indicateur as poids, maille, code, min(date) as premiere_date
    from int_series
    where id_indicateur in (select poids from aggregations)
    group by id_indicateur, maille, code
),

known as (
    select *, maille as maille_source, code as code_source, serie as transformation
    from delivered
    union all by name
    select
        d.* exclude (maille, code),
        a.maille_ancetre as maille,
        a.code_ancetre as code,
        d.maille as maille_source,
        d.code as code_source,
        g.agregation_territoriale as transformation
    from delivered as d
    join aggregations as g on g.id_indicateur = d.id_indicateur and g.maille_source = d.maille
    join catalogue.ancetres as a on a.maille = d.maille and a.code = d.code and a.maille_ancetre = g.maille
    left join weights as w on w.poids = g.poids and w.maille = d.maille and w.code = d.code
    where g.poids is null or w.premiere_date <= d.date
),

copied as (
    select k.* exclude (maille, code, transformation), v.maille, v.code, 'recopie' as transformation
    from int_valeurs as v
    join catalogue.ancetres as a on a.maille = v.maille and a.code = v.code and a.maille_ancetre = v.maille_source
    join known as k
        on k.id_indicateur = v.id_indicateur
        and k.maille = a.maille_ancetre
        and k.code = a.code_ancetre
        and k.date = v.date
    where v.origine = 'recopiee'
),

together as (
    from known
    union all by name
    from copied
)

select
    e.edition,
    o.id_indicateur,
    o.maille,
    o.code,
    o.date,
    o.transformation,
    o.maille_source,
    o.code_source,
    o.livraison,
    o.fichier,
    o.feuille,
    o.ligne,
    o.colonne,
    f.sha256,
    o.drapeau,
    o.corrigee
from together as o
left join int_fichiers as f on f.livraison = o.livraison and f.fichier = o.fichier
cross join catalogue.edition as e
