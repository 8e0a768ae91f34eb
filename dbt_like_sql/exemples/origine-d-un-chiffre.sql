-- D’où vient un chiffre publié, à la cellule près ? (Ici, la dernière valeur livrée du dernier territoire.)
-- Réponse : {libelle_indicateur} ({libelle_territoire}, {date}) : {valeur}, lu dans {cellule}.
with choisi as (
    select id_indicateur, maille, code, date
    from detail_derniere
    where origine = 'livree'
    order by date desc, maille desc, code desc, id_indicateur
    limit 1
)

select
    i.libelle_indicateur,
    t.libelle_territoire,
    o.date,
    d.valeur,
    l.ministere,
    o.livraison,
    concat_ws(', ', o.fichier, 'feuille ' || o.feuille, 'ligne ' || o.ligne, 'colonne ' || o.colonne) as cellule,
    o.sha256,
    o.transformation
from choisi
join origines_derniere as o using (id_indicateur, maille, code, date)
join detail_derniere as d using (id_indicateur, maille, code, date)
join indicateurs_derniere as i using (id_indicateur)
join territoires_derniere as t using (maille, code)
left join livraisons_derniere as l using (livraison)
order by o.maille_source, o.code_source, o.livraison, o.fichier, o.feuille, o.ligne, o.colonne
