-- Quelles politiques sont les plus proches de leurs cibles, à la plus grande maille ?
-- Réponse : {libelle_mesure} : {taux} % du chemin (indicateurs : {connus}).
select
    m.libelle_mesure,
    s.libelle_secteur,
    round(a.taux, 1) as taux,
    round(a.taux_partiel, 1) as taux_partiel,
    round(a.taux_officiel, 1) as taux_officiel,
    a.connus,
    a.attendus,
    a.id_mesure,
    a.territoire
from avancement_mesures_derniere as a
join mesures_derniere as m using (id_mesure)
join secteurs_derniere as s on s.id_secteur = a.id_secteur
where a.maille = (select min(maille) from territoires_derniere)
order by a.taux desc nulls last, a.id_mesure, a.territoire
