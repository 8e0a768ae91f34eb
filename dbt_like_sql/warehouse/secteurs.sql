-- The sectors of public action.
-- One row per edition and secteur.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ id_secteur: Identifiant du secteur. [source: catalogue, secteurs.csv]
-- @ libelle_secteur: Nom du secteur. [source: catalogue, secteurs.csv]
-- @ dossier: Dossier publié du secteur. [source: catalogue, secteurs.csv]
-- @ prefixe: Préfixe de ses fichiers publiés. [source: catalogue, secteurs.csv]
select
    e.edition,
    s.id_secteur,
    s.libelle_secteur,
    s.dossier,
    s.prefixe
from catalogue.secteurs as s
cross join catalogue.edition as e
order by s.id_secteur
