-- How far each sector is in each territory, by its indicators and by its policies.
-- One row per secteur, maille and territoire that has a row in the synthèse or a target.
-- @ libelle_secteur: Nom du secteur. [source: catalogue]
select
    a.edition,
    a.id_secteur,
    s.libelle_secteur,
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
join catalogue.secteurs as s on s.id_secteur = a.id_secteur
order by a.id_secteur, a.maille, a.code
