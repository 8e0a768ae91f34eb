-- Quelles cibles échues ne sont pas atteintes ?
-- Réponse : {lignes} cibles échues ne sont pas atteintes ; la plus ancienne, {libelle_indicateur} ({libelle_territoire}), l’était au {date_cible}.
select
    i.libelle_indicateur,
    t.libelle_territoire,
    m.date_cible,
    m.cible,
    m.vc as valeur_comparable,
    m.dvc as date_valeur_comparable,
    i.unite,
    m.statut,
    m.echeance,
    m.id_indicateur,
    m.territoire
from cibles_manquees_derniere as m
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
order by m.date_cible, m.maille, m.id_indicateur, m.code
