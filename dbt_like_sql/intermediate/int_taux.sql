-- The rate of each indicator, and how much it counts in the rollups: nothing without a target, or where it isn't meant to be.
-- One row per indicateur, maille and territoire that has a row in the synthèse or a target; `taux` is null where it can't be
-- computed, without an initial value even where the target is met.
with kept as (
    select id_indicateur, maille, code, cible
    from int_objectifs
    where cible is not null
    union
    select id_indicateur, maille, code, cible
    from progression
)

select
    e.edition,
    i.id_secteur,
    i.id_mesure,
    k.id_indicateur,
    k.maille,
    k.code,
    if(k.cible is null or n.code is not null, 0, w.poids) as poids,
    p.statut,
    p.fraicheur,
    p.cible is not null as avec_cible,
    case
        when p.statut = 'sans cible' or p.vc is null and p.statut != 'atteint' or p.valeur_initiale is null then null
        when p.statut = 'atteint' then 100.0
        when p.chemin then 100 * least(greatest(p.tau, 0), 1)
        else 0.0
    end as taux,
    s.pourcentage_cible as taux_officiel
from kept as k
join catalogue.indicateurs as i on i.id_indicateur = k.id_indicateur
join catalogue.poids_avancement as w on w.id_indicateur = k.id_indicateur and w.maille = k.maille
left join catalogue.territoires_non_concernes as n
    on n.id_indicateur = k.id_indicateur and n.maille = k.maille and n.code = k.code
left join progression as p on p.id_indicateur = k.id_indicateur and p.maille = k.maille and p.code = k.code
left join synthese as s on s.id_indicateur = k.id_indicateur and s.maille = k.maille and s.code = k.code
cross join catalogue.edition as e
order by i.id_mesure, k.id_indicateur, k.maille, k.code
