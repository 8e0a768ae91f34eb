-- Quelles cibles ne seraient jamais atteintes, au rythme actuel ?
-- Réponse : {lignes} cibles, dont {libelle_indicateur} ({libelle_territoire}).
select
    i.libelle_indicateur,
    t.libelle_territoire,
    p.valeur_initiale,
    p.vc as valeur_comparable,
    p.cible,
    p.date_cible,
    i.unite,
    p.statut,
    p.date_prevue_recente,
    p.id_indicateur,
    p.territoire
from progression_derniere as p
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
where p.motif_date_prevue = 'jamais_au_rythme_actuel'
order by p.maille, p.id_indicateur, p.code
