-- Combien de cibles sont atteintes, en bonne voie, en retard ou en recul, à chaque maille ?
-- Réponse : Maille {maille} : {atteintes} atteintes, {en_bonne_voie} en bonne voie, {en_retard} en retard, {en_recul} en recul.
select
    maille,
    count(*) filter (statut = 'atteint') as atteintes,
    count(*) filter (statut = 'en bonne voie') as en_bonne_voie,
    count(*) filter (statut = 'en retard') as en_retard,
    count(*) filter (statut = 'recule') as en_recul,
    count(*) filter (statut = 'non calculable') as non_calculables,
    count(*) filter (statut = 'sans cible') as sans_cible
from progression_derniere
group by maille
order by maille
