-- How far each sector is in each territory: the rollup of the synthèse by sector.
-- One row per secteur, maille and territoire that has at least one objective.
select
    s.edition,
    s.id_secteur,
    c.libelle_secteur,
    s.maille,
    s.code,
    s.libelle_territoire,
    count(*) as indicateurs,
    count(s.pourcentage_cible) as indicateurs_mesures,
    count(*) filter (where s.pourcentage_cible >= 100) as cibles_atteintes,
    round_even(avg(s.pourcentage_cible), 0) as avancement_moyen,
    round_even(median(s.pourcentage_cible), 0) as avancement_median
from synthese as s
join catalogue.secteurs as c on c.id_secteur = s.id_secteur
group by s.edition, s.id_secteur, c.libelle_secteur, s.maille, s.code, s.libelle_territoire
order by s.id_secteur, s.maille, s.code
