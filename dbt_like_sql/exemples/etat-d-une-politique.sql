-- Où en est une politique, indicateur par indicateur, à la plus grande maille ? (Ici, celle qui en a le plus.)
-- Réponse : {libelle_mesure} (indicateurs : {lignes}) : {libelle_indicateur} : {statut}.
select
    i.libelle_mesure,
    i.libelle_indicateur,
    i.unite,
    p.valeur_actuelle,
    p.date_valeur_actuelle,
    p.cible,
    p.date_cible,
    p.statut,
    p.territoire,
    p.id_indicateur
from progression_derniere as p
join indicateurs_derniere as i using (id_indicateur)
where p.id_mesure = (
    select id_mesure
    from progression_derniere
    where maille = (select min(maille) from progression_derniere)
    group by id_mesure
    order by count(*) desc, id_mesure
    limit 1
)
    and p.maille = (select min(maille) from progression_derniere)
order by i.ordre_indicateur, p.id_indicateur, p.territoire
