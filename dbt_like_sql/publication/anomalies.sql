-- Every row of every alert, with its labels: what is published with a doubt.
-- One row per rule and faulty row.
select
    a.regle,
    c.titre || coalesce(' : ' || c.pourquoi, '') as phrase,
    c.severite,
    -- Of a computed value, those who deliver what it is made of.
    coalesce(l.ministere, i.producteur) as ministere,
    a.id_indicateur,
    i.libelle_indicateur,
    a.maille,
    a.code,
    t.libelle_territoire,
    a.date,
    a.valeur,
    coalesce(a.detail, a.contenu) as detail,
    a.livraison,
    a.fichier,
    a.feuille,
    a.ligne,
    a.colonne
from qualite.alertes as a
join qualite.controles as c on c.table_controlee = a.table_controlee and c.regle = a.regle
left join raw.livraisons as l on l.livraison = a.livraison
left join indicateurs as i on i.id_indicateur = a.id_indicateur
left join catalogue.territoires as t on t.maille = a.maille and t.code = a.code
order by all
