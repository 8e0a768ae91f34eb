-- Combien de valeurs publiées ont changé depuis l’édition précédente, et pourquoi ?
-- Réponse : {valeurs} valeurs, nature {nature}, cause {cause}.
select
    nature,
    cause,
    count(*) as valeurs,
    count(distinct id_indicateur) as indicateurs,
    edition_avant,
    edition_apres
from revisions_derniere
where champ = 'valeur'
group by nature, cause, edition_avant, edition_apres
order by valeurs desc, nature, cause
