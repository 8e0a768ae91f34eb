-- Quels sont les rangs d’un territoire ? (Ici, celui que le plus d’indicateurs classent.)
-- Réponse : {libelle_territoire} est classé par {lignes} indicateurs ; son meilleur rang est {rang} sur {n} : {libelle_indicateur}.
with choisi as (
    select territoire
    from classement_derniere
    group by territoire
    order by count(*) desc, territoire
    limit 1
)

select
    t.libelle_territoire,
    i.libelle_indicateur,
    c.rang,
    c.n,
    c.percentile,
    c.base,
    c.id_indicateur,
    c.territoire
from classement_derniere as c
join choisi using (territoire)
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
order by c.rang, c.n desc, c.id_indicateur
