-- The rate of each indicator in each territory, and how much it counts in the rollups.
-- One row per edition, indicateur, maille and territoire that has a row in the synthèse or a target.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ id_secteur: Identifiant du secteur. [source: catalogue]
-- @ id_mesure: Identifiant de la politique publique. [source: catalogue]
-- @ id_indicateur: Identifiant de l’indicateur. [source: catalogue]
-- @ maille: Niveau du territoire. [source: catalogue]
-- @ code: Code du territoire dans sa maille. [source: catalogue]
-- @ territoire: Clé d’un territoire en une colonne : maille-code. [source: catalogue]
-- @ poids: Ce qu’il compte dans l’avancement de sa politique, 0 s’il n’y compte pas. [unité: poids relatif] [source: catalogue]
-- @ taux: Part du chemin parcourue, de 0 à 100, vide où elle ne se calcule pas. [unité: %] [source: calcul]
-- @ taux_officiel: Taux de la synthèse, arrondi. [unité: %] [source: calcul]
select
    edition,
    id_secteur,
    id_mesure,
    id_indicateur,
    maille,
    code,
    maille || '-' || code as territoire,
    poids,
    taux,
    taux_officiel
from int_taux
order by id_mesure, id_indicateur, maille, code
