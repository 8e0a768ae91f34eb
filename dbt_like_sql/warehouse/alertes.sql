-- Every row of every alert, with its place where its value was delivered.
-- One row per edition, rule and faulty row.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ regle: Nom de la règle. [source: suite de contrôles]
-- @ phrase: Ce que la règle vérifie. [source: suite de contrôles]
-- @ severite: alerte, puisque l’édition est publiée. [source: suite de contrôles]
-- @ ministere: Qui a livré la valeur ; d’une valeur calculée, qui livre ce dont elle est faite. [source: catalogue, livraisons]
-- @ id_indicateur: Identifiant de l’indicateur. [source: contrôle de l’édition]
-- @ maille: Niveau du territoire. [source: contrôle de l’édition]
-- @ code: Code du territoire dans sa maille. [source: contrôle de l’édition]
-- @ date: Fin de la période. [source: contrôle de l’édition]
-- @ valeur: Valeur en cause. [unité: celle de l’indicateur] [source: contrôle de l’édition]
-- @ contenu: Ce que le fichier porte à cet endroit. [source: livraison]
-- @ detail: Ce que la règle en dit, à défaut ce que le fichier porte. [source: contrôle de l’édition]
-- @ livraison: Identifiant de la livraison, vide pour une valeur calculée. [source: livraison]
-- @ fichier: Nom du fichier, ou du membre d’une archive. [source: livraison]
-- @ feuille: Feuille du classeur. [source: livraison]
-- @ ligne: Ligne dans le fichier ou la feuille. [unité: rang, à partir de 1] [source: livraison]
-- @ colonne: En-tête de la colonne. [source: livraison]
select
    e.edition,
    a.regle,
    c.titre as phrase,
    c.severite,
    -- As it is published: an edition taken from the depot has the same.
    coalesce(l.ministere, i.producteur) as ministere,
    a.id_indicateur,
    a.maille,
    a.code,
    a.date,
    a.valeur,
    a.contenu,
    coalesce(a.detail, a.contenu) as detail,
    a.livraison,
    a.fichier,
    a.feuille,
    a.ligne,
    a.colonne
from qualite.alertes as a
join qualite.controles as c on c.table_controlee = a.table_controlee and c.regle = a.regle
left join raw.livraisons as l on l.livraison = a.livraison
left join indicateurs as i on i.id_indicateur = a.id_indicateur
cross join catalogue.edition as e
order by all
