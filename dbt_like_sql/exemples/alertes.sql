-- Quelles alertes la dernière édition a-t-elle levées, et chez qui ?
-- Réponse : {phrase} : {lignes_en_alerte} lignes, ministère : {ministere}.
select
    regle,
    phrase,
    ministere,
    count(*) as lignes_en_alerte,
    count(distinct id_indicateur) as indicateurs
from alertes_derniere
group by regle, phrase, ministere
order by lignes_en_alerte desc, regle, ministere nulls first
