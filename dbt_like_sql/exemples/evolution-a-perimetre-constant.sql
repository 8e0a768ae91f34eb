-- L’avancement de chaque secteur a-t-il progressé depuis l’édition précédente, à périmètre constant ?
-- Réponse : {libelle_secteur} : {evolution_constante} points à périmètre constant, {effet_perimetre} par effet de périmètre.
select
    s.libelle_secteur,
    e.territoire,
    round(e.taux_avant, 1) as taux_avant,
    round(e.taux_apres, 1) as taux_apres,
    round(e.evolution_constante, 1) as evolution_constante,
    round(e.effet_perimetre, 1) as effet_perimetre,
    e.indicateurs_constants,
    e.edition_avant,
    e.edition_apres,
    e.id_secteur
from evolutions_derniere as e
join secteurs_derniere as s using (id_secteur)
where e.maille = (select min(maille) from territoires_derniere)
order by e.evolution_constante desc nulls last, e.id_secteur, e.territoire
