-- Comment explique-t-on les cibles manquées, et à qui écrire ?
-- Réponse : {lignes} explications ou avis, dont {declarees} de l’administration qui en répond.
select
    i.libelle_indicateur,
    t.libelle_territoire,
    e.date_cible,
    e.origine,
    e.date,
    e.texte,
    e.lien,
    e.contact,
    e.id_indicateur,
    e.territoire,
    count(*) filter (e.origine = 'declaree') over () as declarees
from explications_derniere as e
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
order by e.origine desc, e.maille, e.id_indicateur, e.code, e.date_cible, e.date, e.texte, e.lien
