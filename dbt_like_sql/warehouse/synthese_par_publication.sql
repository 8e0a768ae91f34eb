-- The summaries of every publication, the replaced and the withdrawn ones too.
-- One row per publication, indicateur, maille and territoire.
-- @ en_vigueur: Vrai pour la dernière publication de l’édition qui n’est pas retirée. [source: étiquettes du dépôt]
select
    edition,
    publication,
    true as en_vigueur,
    id_indicateur,
    maille,
    code,
    territoire,
    valeur_actuelle,
    date_valeur_actuelle,
    valeur_initiale,
    date_valeur_initiale,
    progression,
    pourcentage_progression,
    progression_derniere_maj,
    pourcentage_progression_derniere_maj,
    progression_derniere_maj_date,
    cible,
    pourcentage_cible,
    date_cible
from synthese
join (select edition, publication from editions where remplacee_par is null and not retiree) using (edition)
union all by name
select false as en_vigueur, * from synthese_publications
