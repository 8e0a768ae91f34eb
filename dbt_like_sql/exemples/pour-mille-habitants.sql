-- Combien un compte donne-t-il pour 1 000 habitants, dans chaque territoire ? (Ici, le compte qui a le plus de territoires.)
-- Réponse : {libelle_indicateur} : {libelle_territoire}, {valeur_comparable} ; nombre pour 1 000 habitants : {pour_mille_habitants}.
with choisi as (
    select p.id_indicateur, p.maille
    from progression_derniere as p
    join indicateurs_derniere as i using (id_indicateur)
    where not starts_with(i.unite, '%') and p.vc is not null
    group by p.id_indicateur, p.maille
    order by count(*) desc, p.id_indicateur, p.maille
    limit 1
)

select
    i.libelle_indicateur,
    t.libelle_territoire,
    p.vc as valeur_comparable,
    t.population,
    round(1000 * p.vc / nullif(t.population, 0), 2) as pour_mille_habitants,
    p.id_indicateur,
    p.territoire
from progression_derniere as p
join choisi using (id_indicateur, maille)
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
order by p.vc / nullif(t.population, 0) desc nulls last, p.territoire
