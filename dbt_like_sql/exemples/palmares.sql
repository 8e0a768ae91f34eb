-- Qu’est-ce qui a le plus avancé, et le plus reculé, depuis l’édition précédente ?
-- Réponse : {libelle_indicateur} ({libelle_territoire}) : {ecart_points} points, de {edition_avant} à {edition_apres}.
select
    p.maille,
    p.sens_du_mouvement,
    p.rang,
    i.libelle_indicateur,
    t.libelle_territoire,
    round(p.ecart_points, 1) as ecart_points,
    p.edition_avant,
    p.edition_apres,
    p.id_indicateur,
    p.territoire
from palmares_derniere as p
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (territoire)
where p.exclu is null
order by p.maille, p.sens_du_mouvement, p.rang, p.id_indicateur, p.code
