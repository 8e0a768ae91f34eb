-- Dans combien de territoires chaque indicateur est-il publié, sans valeur, ou non concerné ?
-- Réponse : {libelle_indicateur}, maille {maille} : {sans_valeur} territoires sans valeur sur {territoires}.
select
    i.libelle_indicateur,
    c.maille,
    count(*) as territoires,
    count(*) filter (c.etat = 'publié') as publies,
    count(*) filter (c.etat = 'sans valeur') as sans_valeur,
    count(*) filter (c.etat = 'non concerné') as non_concernes,
    min(c.premiere_date) as premiere_date,
    max(c.derniere_date) as derniere_date,
    c.id_indicateur
from couverture_derniere as c
join indicateurs_derniere as i using (id_indicateur)
group by i.libelle_indicateur, c.maille, c.id_indicateur
order by sans_valeur desc, c.id_indicateur, c.maille
