-- How far each territory is, all sectors together, by its indicators and by its policies.
-- One row per maille and territoire that has a row in the synthèse or a target.
select
    a.edition,
    a.maille,
    a.code,
    a.territoire,
    a.libelle_territoire,
    a.indicateurs,
    a.avec_cible,
    a.avec_taux,
    a.atteints,
    a.en_bonne_voie,
    a.en_retard,
    a.reculent,
    a.non_calculables,
    a.sans_cible,
    a.anciens,
    a.cibles_atteintes,
    a.moyenne_indicateurs,
    a.mediane_indicateurs,
    a.taux,
    a.taux_officiel,
    a.part_en_bonne_voie,
    a.mesures,
    a.mesures_completes,
    a.taux_commun,
    a.n_commun,
    a.ecart_mediane
from int_avancement as a
where a.id_secteur is null
order by a.maille, a.code
