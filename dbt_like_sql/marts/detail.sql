-- The published series.
-- One row per indicateur, maille, territoire and date, in the order of publication.
select
    i.ordre_mesure,
    i.ordre_indicateur,
    i.secteur,
    i.mesure,
    i.libelle as indicateur,
    i.id as id_indicateur,
    t.maille,
    t.code,
    t.libelle,
    v.date,
    case when i.arrondi is null then v.valeur else round_even(v.valeur, i.arrondi) end as valeur,
    i.unite,
    v.origine,
    v.enfants,
    v.enfants_attendus
from int_valeurs as v
join catalogue.indicateurs as i on i.id = v.indicateur
join catalogue.territoires as t on t.maille = v.maille and t.code = v.territoire
order by i.ordre_mesure, i.ordre_indicateur, t.maille, t.code, v.date
