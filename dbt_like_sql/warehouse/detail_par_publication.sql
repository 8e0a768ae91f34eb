-- The series of every publication, the replaced and the withdrawn ones too.
-- One row per publication, indicateur, maille, territoire and date.
-- @ en_vigueur: Vrai pour la dernière publication de l’édition qui n’est pas retirée. [source: étiquettes du dépôt]
select edition, publication, true as en_vigueur, id_indicateur, maille, code, territoire, date, valeur
from detail
join (select edition, publication from editions where remplacee_par is null and not retiree) using (edition)
union all by name
select false as en_vigueur, * from detail_publications
