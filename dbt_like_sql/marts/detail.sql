-- The published series.
-- One row per indicateur, maille, territoire and date, in the order of publication.
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
-- @ date: Dernier jour de la période que la valeur décrit. [unité: jour] [source: livraison]
-- @ valeur: Valeur publiée, après multiplicateur, série et arrondi. [unité: celle de l’indicateur] [source: livraison]
-- @ unite: Unité de la valeur. [source: catalogue]
-- @ origine: D’où vient la valeur : livree, agregee ou recopiee. [source: calcul]
-- @ maille_source: Maille dont la valeur est agrégée ou recopiée. [source: calcul]
-- @ enfants: Territoires qui composent la valeur agrégée. [unité: territoires] [source: calcul]
-- @ enfants_attendus: Le plus de territoires qui l’aient jamais composée. [unité: territoires] [source: calcul]
select
    e.edition,
    i.ordre_mesure,
    i.ordre_indicateur,
    i.id_secteur,
    i.id_mesure,
    i.libelle_mesure,
    i.id_indicateur,
    i.libelle_indicateur,
    t.maille,
    t.code,
    t.libelle_territoire,
    v.date,
    case when i.arrondi is null then v.valeur else round_even(v.valeur, i.arrondi) end as valeur,
    i.unite,
    v.origine,
    v.maille_source,
    v.enfants,
    v.enfants_attendus
from int_valeurs as v
join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
join catalogue.territoires as t on t.maille = v.maille and t.code = v.code
cross join catalogue.edition as e
order by i.ordre_mesure, i.ordre_indicateur, t.maille, t.code, v.date
