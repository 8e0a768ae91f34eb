-- Quels territoires sont loin derrière la médiane de leur maille, sur les mêmes indicateurs ?
-- Réponse : {libelle_territoire} : {ecart_mediane} points sur {n_commun} indicateurs communs.
select
    t.libelle_territoire,
    a.maille,
    round(a.taux_commun, 1) as taux_commun,
    round(a.ecart_mediane, 1) as ecart_mediane,
    a.n_commun,
    a.ecart_mediane < -10 as alerte,
    a.territoire
from avancement_territoires_derniere as a
join territoires_derniere as t using (territoire)
order by a.ecart_mediane nulls last, a.maille, a.code
