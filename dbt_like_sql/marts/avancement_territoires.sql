-- How far each territory is, all sectors together: the rollup of the synthèse by territory.
-- One row per maille and territoire that has at least one objective.
select
    edition,
    maille,
    code,
    libelle_territoire,
    count(*) as indicateurs,
    count(pourcentage_cible) as indicateurs_mesures,
    count(*) filter (where pourcentage_cible >= 100) as cibles_atteintes,
    round_even(avg(pourcentage_cible), 0) as avancement_moyen,
    round_even(median(pourcentage_cible), 0) as avancement_median
from synthese
group by edition, maille, code, libelle_territoire
order by maille, code
