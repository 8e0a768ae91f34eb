-- What was delivered and kept aside, with its place and the reason.
-- One row per edition and cell or row kept aside.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ livraison: Identifiant de la livraison. [source: livraison]
-- @ fichier: Nom du fichier, ou du membre d’une archive. [source: livraison]
-- @ feuille: Feuille du classeur. [source: livraison]
-- @ ligne: Ligne dans le fichier ou la feuille. [unité: rang, à partir de 1] [source: livraison]
-- @ colonne: En-tête de la colonne. [source: livraison]
-- @ regle: Nom de la règle de qualité. [source: lecture]
-- @ contenu: Ce que le fichier porte à cet endroit. [source: livraison]
-- @ motif: Pourquoi, en une phrase. [source: lecture]
-- @ id_indicateur: Identifiant de l’indicateur, si on a pu le lire. [source: livraison]
-- @ maille: Niveau du territoire, si on a pu le lire. [source: livraison]
-- @ code: Code du territoire dans sa maille, si on a pu le lire. [source: livraison]
-- @ date: Fin de la période, si on a pu la lire. [source: livraison]
select
    e.edition,
    r.livraison,
    r.fichier,
    r.feuille,
    r.ligne,
    r.colonne,
    r.regle,
    r.contenu,
    r.motif,
    r.id_indicateur,
    r.maille,
    r.code,
    r.date
from stg_rejets as r
cross join catalogue.edition as e
order by all
