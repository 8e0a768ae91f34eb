-- Quels territoires sont en tête pour un indicateur ? (Ici, celui qui classe le plus de territoires d’une maille.)
-- Réponse : {libelle_indicateur} : {libelle_territoire}, rang {rang} sur {n}.
with choisi as (
    select id_indicateur, maille
    from classement_derniere
    group by id_indicateur, maille
    order by count(*) desc, id_indicateur, maille
    limit 1
)

select
    i.libelle_indicateur,
    c.rang,
    c.ex_aequo,
    c.n,
    t.libelle_territoire,
    p.vc as valeur_comparable,
    i.unite,
    p.tau as part_parcourue,
    c.base,
    c.territoire
from classement_derniere as c
join choisi using (id_indicateur, maille)
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
join progression_derniere as p using (id_indicateur, territoire)
order by c.rang, c.code
