-- Qu’a livré chaque ministère pour la dernière édition, et quelles livraisons d’avant tiennent lieu de celles qui manquent ?
-- Réponse : {lignes} livraisons, dont {en_retard_en_tout} en retard.
select
    ministere,
    livraison,
    contenu,
    en_retard,
    edition_origine,
    array_to_string(recus_le, ', ') as recus_le,
    lignes,
    rejets,
    count(*) filter (en_retard) over () as en_retard_en_tout
from livraisons_derniere
order by en_retard desc, ministere, livraison
