-- The targets of each objective, one after the other.
-- One row per indicateur, maille, territoire and target date; `retenue` tells the one that the synthèse speaks of.
-- @ edition: Édition, comme 2022-T1. [source: catalogue]
-- @ id_indicateur: Indicateur. [source: catalogue]
-- @ maille: Maille territoriale. [source: catalogue]
-- @ code: Code du territoire, unique dans sa maille seulement. [source: catalogue]
-- @ date_cible: Échéance de la cible. [unité: jour] [source: livraison des objectifs, sinon catalogue]
-- @ cible: Valeur à atteindre. [unité: celle de l’indicateur] [source: livraison des objectifs]
-- @ retenue: La cible dont parle la synthèse. [unité: vrai ou faux] [source: calcul]
select
    e.edition,
    s.id_indicateur,
    s.maille,
    s.code,
    s.date_cible,
    s.cible,
    s.retenue
from int_etapes as s
cross join catalogue.edition as e
where s.cible is not null
order by s.id_indicateur, s.maille, s.code, s.date_cible
