-- Quand les cibles seront-elles atteintes, au rythme actuel, à la plus grande maille ?
-- Réponse : {lignes} cibles ont une date prévue ; la plus tardive par rapport à son échéance, {libelle_indicateur} : {date_prevue}, {mois_de_retard} mois après.
select
    i.libelle_indicateur,
    p.date_cible,
    p.date_prevue,
    p.date_prevue_recente,
    datediff('month', p.date_cible, p.date_prevue) as mois_de_retard,
    p.calendrier,
    p.id_indicateur,
    p.territoire
from progression_derniere as p
join indicateurs_derniere as i using (id_indicateur)
where p.date_prevue is not null and p.maille = (select min(maille) from territoires_derniere)
order by mois_de_retard desc nulls last, p.id_indicateur, p.territoire
