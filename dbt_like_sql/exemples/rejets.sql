-- Qu’est-ce qui a été livré et mis de côté, et pourquoi ?
-- Réponse : {rejets} rejets de {livraison}, règle {regle}.
select
    r.livraison,
    l.ministere,
    r.regle,
    count(*) as rejets,
    min(r.motif) as motif
from rejets_derniere as r
left join livraisons_derniere as l using (livraison)
group by r.livraison, l.ministere, r.regle
order by rejets desc, r.livraison, r.regle
