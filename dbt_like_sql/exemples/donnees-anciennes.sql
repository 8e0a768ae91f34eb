-- Quelles données n’ont pas été mises à jour depuis longtemps, et qui les livre ?
-- Réponse : {libelle_indicateur}, maille {maille} : {territoires} territoires, dont la valeur la plus ancienne est du {plus_ancienne}.
select
    i.libelle_indicateur,
    p.maille,
    count(*) as territoires,
    min(p.date_valeur_actuelle) as plus_ancienne,
    i.frequence,
    i.producteur,
    p.id_indicateur
from progression_derniere as p
join indicateurs_derniere as i using (id_indicateur)
where p.fraicheur = 'ancienne'
group by i.libelle_indicateur, p.maille, i.frequence, i.producteur, p.id_indicateur
order by plus_ancienne, territoires desc, p.id_indicateur, p.maille
