-- The published series.
-- One row per indicateur, maille, territoire and date, in the order of publication.
select
    e.edition,
    i.ordre_mesure,
    i.ordre_indicateur,
    i.id_secteur,
    i.id_mesure,
    i.libelle_mesure,
    i.id_indicateur,
    i.libelle_indicateur,
    t.maille,
    t.code,
    t.libelle_territoire,
    v.date,
    case when i.arrondi is null then v.valeur else round_even(v.valeur, i.arrondi) end as valeur,
    i.unite,
    v.origine,
    v.maille_source,
    v.enfants,
    v.enfants_attendus
from int_valeurs as v
join catalogue.indicateurs as i on i.id_indicateur = v.id_indicateur
join catalogue.territoires as t on t.maille = v.maille and t.code = v.code
cross join catalogue.edition as e
order by i.ordre_mesure, i.ordre_indicateur, t.maille, t.code, v.date
