-- The summaries of the publications that another one replaces, or that were withdrawn.
-- One row per publication, indicateur, maille and territoire.
-- @ edition: Édition, un trimestre. [source: étiquettes du dépôt]
-- @ publication: Publication, 2022-T1 puis 2022-T1.1 pour une correction. [source: étiquettes du dépôt]
-- @ id_indicateur: Identifiant de l’indicateur. [source: publication]
-- @ maille: Niveau du territoire. [source: publication]
-- @ code: Code du territoire dans sa maille. [source: publication]
-- @ territoire: Clé du territoire en une seule colonne, maille-code. [source: calcul]
-- @ valeur_actuelle: Dernière valeur connue alors. [unité: celle de l’indicateur] [source: publication]
-- @ date_valeur_actuelle: Fin de sa période. [source: publication]
-- @ valeur_initiale: Valeur au lancement de la politique. [unité: celle de l’indicateur] [source: publication]
-- @ date_valeur_initiale: Fin de sa période. [source: publication]
-- @ progression: Valeur actuelle moins valeur initiale, arrondie. [unité: celle de l’indicateur] [source: publication]
-- @ pourcentage_progression: Progression en part de la valeur initiale, arrondie. [unité: %] [source: publication]
-- @ progression_derniere_maj: Valeur à la dernière mise à jour de référence. [unité: celle de l’indicateur] [source: publication]
-- @ pourcentage_progression_derniere_maj: Progression depuis cette valeur, arrondie. [unité: %] [source: publication]
-- @ progression_derniere_maj_date: Fin de la période de la valeur de référence. [source: publication]
-- @ cible: Valeur visée. [unité: celle de l’indicateur] [source: publication]
-- @ pourcentage_cible: Taux d’avancement vers la cible, de 0 à 100, arrondi. [unité: %] [source: publication]
-- @ date_cible: Échéance de la cible. [source: publication]
select
    p.edition,
    p.publication,
    s.id_indicateur,
    s.maille,
    s.code,
    s.maille || '-' || s.code as territoire,
    s.* exclude (id_indicateur, maille, code)
from depot.synthese as s
cross join depot.publication as p
order by p.publication, s.id_indicateur, s.maille, s.code
