-- Quelles cibles sont devenues moins ambitieuses, d’une édition à l’autre ?
-- Réponse : {lignes} cibles ; {libelle_indicateur} ({libelle_territoire}) : {avant} devient {apres} ({edition_apres}).
select
    r.edition_apres,
    i.libelle_indicateur,
    t.libelle_territoire,
    try_cast(r.avant as double) as avant,
    try_cast(r.apres as double) as apres,
    i.unite,
    r.id_indicateur,
    t.territoire
from revisions as r
join indicateurs as i on i.edition = r.edition_apres and i.id_indicateur = r.id_indicateur
join territoires as t on t.edition = r.edition_apres and t.maille = r.maille and t.code = r.code
where r.champ = 'cible' and r.nature = 'deplacee' and if(i.sens = 'hausse', r.ecart < 0, r.ecart > 0)
order by r.edition_apres desc, abs(r.ecart_pct) desc nulls last, r.id_indicateur, r.maille, r.code
