-- The targets whose date is over and that are not met, as far as is known.
-- One row per row of `progression` whose target is due by the edition's end and not met.
select p.*
from progression as p
join catalogue.edition as e on e.edition = p.edition
where p.cible is not null and p.date_cible <= e.fin and p.statut != 'atteint'
order by p.id_indicateur, p.maille, p.code
