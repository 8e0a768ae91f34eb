-- Quels territoires de la plus petite maille ont le plus de cibles en retard ?
-- Réponse : {libelle_territoire} : {en_retard} cibles en retard sur {avec_cible}, dont {fort} fortement.
select
    t.libelle_territoire,
    count(*) filter (p.statut = 'en retard') as en_retard,
    count(*) filter (p.retard = 'fort') as fort,
    count(p.cible) as avec_cible,
    p.territoire
from progression_derniere as p
join territoires_derniere as t using (territoire)
where p.maille = (select max(maille) from progression_derniere)
group by t.libelle_territoire, p.territoire
order by en_retard desc, fort desc, p.territoire
