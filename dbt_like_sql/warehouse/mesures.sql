-- The policies that are followed, in the order of publication.
-- One row per edition and mesure.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ id_mesure: Identifiant de la politique publique. [source: catalogue, mesures]
-- @ libelle_mesure: Nom de la politique publique. [source: catalogue, mesures]
-- @ id_secteur: Identifiant de son secteur. [source: catalogue, mesures]
-- @ ordre_mesure: Rang dans les fichiers publiés. [unité: rang, à partir de 1] [source: catalogue, mesures]
-- @ indicateurs: Nombre de ses indicateurs. [unité: indicateurs] [source: catalogue, mesures]
select
    e.edition,
    i.id_mesure,
    i.libelle_mesure,
    i.id_secteur,
    i.ordre_mesure,
    count(*) as indicateurs
from catalogue.indicateurs as i
cross join catalogue.edition as e
group by all
order by i.ordre_mesure
