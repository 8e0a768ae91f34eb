-- Combien d’habitants vivent là où la cible d’un indicateur est en retard ou en recul ?
-- Réponse : {libelle_indicateur} : {territoires} territoires, nombre d’habitants : {habitants}.
select
    i.libelle_indicateur,
    count(*) as territoires,
    sum(t.population)::bigint as habitants,
    count(*) - count(t.population) as territoires_sans_population,
    p.id_indicateur
from progression_derniere as p
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
where p.statut in ('en retard', 'recule') and p.maille = (select max(maille) from progression_derniere)
group by i.libelle_indicateur, p.id_indicateur
order by habitants desc nulls last, territoires desc, p.id_indicateur
