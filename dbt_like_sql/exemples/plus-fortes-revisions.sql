-- Quelles valeurs déjà publiées ont été le plus révisées ?
-- Réponse : {libelle_indicateur} ({libelle_territoire}, {date}) : {avant} devient {apres}.
select
    i.libelle_indicateur,
    t.libelle_territoire,
    r.date,
    try_cast(r.avant as double) as avant,
    try_cast(r.apres as double) as apres,
    round(r.ecart_pct, 1) as ecart_pct,
    r.cause,
    r.id_indicateur,
    t.territoire
from revisions_derniere as r
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (maille, code)
where r.champ = 'valeur' and r.nature = 'revisee'
order by abs(r.ecart_pct) desc nulls last, r.id_indicateur, r.maille, r.code, r.date
limit 50
