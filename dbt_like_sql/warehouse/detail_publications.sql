-- The published series of the publications that another one replaces, or that were withdrawn.
-- One row per publication, indicateur, maille, territoire and date.
-- @ edition: Édition, un trimestre. [source: étiquettes du dépôt]
-- @ publication: Publication, 2022-T1 puis 2022-T1.1 pour une correction. [source: étiquettes du dépôt]
-- @ id_indicateur: Identifiant de l’indicateur. [source: publication]
-- @ maille: Niveau du territoire. [source: publication]
-- @ code: Code du territoire dans sa maille. [source: publication]
-- @ territoire: Clé du territoire en une seule colonne, maille-code. [source: calcul]
-- @ date: Fin de la période de la valeur. [source: publication]
-- @ valeur: Valeur publiée alors. [unité: celle de l’indicateur] [source: publication]
select
    p.edition,
    p.publication,
    d.id_indicateur,
    d.maille,
    d.code,
    d.maille || '-' || d.code as territoire,
    d.date,
    d.valeur
from depot.detail as d
cross join depot.publication as p
order by all
