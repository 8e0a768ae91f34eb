-- Why targets were missed, as it was delivered or as the catalogue says; of a whole level, for each of its territories.
-- One row per explanation and territoire.
select
    id_indicateur,
    maille,
    code,
    date_cible,
    texte,
    date,
    lien,
    livraison,
    fichier,
    feuille,
    ligne
from raw.explications
union all by name
select
    x.id_indicateur,
    x.maille,
    t.code,
    x.date_cible,
    x.texte,
    x.date,
    x.lien,
    'explications.yaml' as fichier
from catalogue.explications as x
join catalogue.territoires as t on t.maille = x.maille and t.code = coalesce(x.code, t.code)
order by id_indicateur, maille, code, date_cible, date, texte, fichier, ligne
