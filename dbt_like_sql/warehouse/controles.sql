-- What each rule of the quality gate found.
-- One row per edition, table and rule.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ table_controlee: Table que la règle contrôle. [source: suite de contrôles]
-- @ regle: Nom de la règle. [source: suite de contrôles]
-- @ titre: Ce qu’elle vérifie. [source: suite de contrôles]
-- @ severite: bloquant (rien n’est publié) ou alerte. [source: suite de contrôles]
-- @ statut: ok, alerte, bloquant ou erreur. [source: contrôle de l’édition]
-- @ nombre: Lignes en défaut, sans celles qui sont acceptées. [unité: lignes] [source: contrôle de l’édition]
-- @ acceptees: Lignes en défaut qu’une exception du catalogue accepte. [unité: lignes] [source: contrôle de l’édition]
-- @ pourquoi: Ce qui va mal pour le public si la règle n’est pas tenue. [source: suite de contrôles]
-- @ pour: À qui elle s’adresse. [source: suite de contrôles]
select
    e.edition,
    c.table_controlee,
    c.regle,
    c.titre,
    c.severite,
    c.statut,
    c.nombre,
    c.acceptees,
    c.pourquoi,
    c.pour
from qualite.controles as c
cross join catalogue.edition as e
order by c.table_controlee, c.regle
