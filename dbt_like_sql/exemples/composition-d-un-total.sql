-- De quelles cellules livrées un chiffre est-il fait ? (Ici, le plus récent de ceux qui en ont le plus.)
-- Réponse : {libelle_indicateur} ({libelle_territoire}, {date}) : {valeur}, {transformation} de {lignes} valeurs.
with choisi as (
    select id_indicateur, maille, code, date
    from origines_derniere
    group by id_indicateur, maille, code, date
    order by count(*) desc, date desc, id_indicateur, maille, code
    limit 1
)

select
    i.libelle_indicateur,
    t.libelle_territoire,
    o.date,
    d.valeur,
    o.transformation,
    s.libelle_territoire as libelle_territoire_source,
    v.valeur as valeur_source,
    o.livraison,
    concat_ws(', ', o.fichier, 'feuille ' || o.feuille, 'ligne ' || o.ligne, 'colonne ' || o.colonne) as cellule
from choisi
join origines_derniere as o using (id_indicateur, maille, code, date)
join detail_derniere as d using (id_indicateur, maille, code, date)
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (maille, code)
left join territoires_derniere as s on s.maille = o.maille_source and s.code = o.code_source
left join detail_derniere as v
    on v.id_indicateur = o.id_indicateur and v.maille = o.maille_source and v.code = o.code_source and v.date = o.date
order by o.maille_source, o.code_source, o.livraison, o.fichier, o.feuille, o.ligne, o.colonne
