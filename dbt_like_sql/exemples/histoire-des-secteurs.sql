-- Comment l’avancement de chaque secteur évolue-t-il, d’une édition à l’autre ?
-- Réponse : {libelle_secteur}, édition {edition} : {taux} %.
select
    s.libelle_secteur,
    a.edition,
    a.territoire,
    round(a.taux, 1) as taux,
    round(a.taux_officiel, 1) as taux_officiel,
    a.indicateurs,
    a.cibles_atteintes,
    a.id_secteur
from avancement_secteurs as a
join secteurs as s using (edition, id_secteur)
where a.maille = (select min(maille) from territoires_derniere)
order by a.id_secteur, a.edition, a.territoire
