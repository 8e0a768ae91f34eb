-- The targets of each objective, one after the other.
-- One row per indicateur, maille, territoire and target date; `retenue` tells the one that the synthèse speaks of.
select
    e.edition,
    s.id_indicateur,
    s.maille,
    s.code,
    s.date_cible,
    s.cible,
    s.retenue
from int_etapes as s
cross join catalogue.edition as e
where s.cible is not null
order by s.id_indicateur, s.maille, s.code, s.date_cible
