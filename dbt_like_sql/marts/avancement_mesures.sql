-- How far each policy is in each territory: the rates of its indicators, weighed as the catalogue says.
-- One row per mesure, maille and territoire that has a row in the synthèse or a target.
-- @ attendus: Indicateurs qui ont une cible et un poids, dans un territoire concerné ; sans valeur aussi.
--   [unité: indicateurs] [source: calcul]
-- @ connus: Indicateurs attendus dont le taux est connu. [unité: indicateurs] [source: calcul]
-- @ taux: Moyenne pondérée des taux des indicateurs attendus, chacun borné de 0 à 100 ; vide s’il en manque un.
--   [unité: %] [source: calcul]
-- @ taux_partiel: La même moyenne, sur les indicateurs attendus dont le taux est connu. [unité: %] [source: calcul]
-- @ taux_officiel: Moyenne pondérée des taux d’avancement officiels ; vide s’il en manque un. [unité: %] [source: calcul]
with weighed as (
    select
        edition,
        id_secteur,
        id_mesure,
        maille,
        code,
        count(*) filter (where poids > 0) as attendus,
        count(taux) filter (where poids > 0) as connus,
        -- In one order: sums of doubles depend on it.
        fsum(poids * taux order by id_indicateur) / nullif(fsum(poids order by id_indicateur) filter (where taux is not null), 0)
            as taux_partiel,
        fsum(poids * taux_officiel order by id_indicateur) / nullif(fsum(poids order by id_indicateur), 0) as taux_officiel,
        count(taux_officiel) filter (where poids > 0) as officiels
    from int_taux
    group by edition, id_secteur, id_mesure, maille, code
)

select
    w.edition,
    w.id_secteur,
    w.id_mesure,
    m.libelle_mesure,
    w.maille,
    w.code,
    w.maille || '-' || w.code as territoire,
    t.libelle_territoire,
    w.attendus,
    w.connus,
    case when w.connus = w.attendus then w.taux_partiel end as taux,
    w.taux_partiel,
    case when w.officiels = w.attendus then w.taux_officiel end as taux_officiel
from weighed as w
join (select distinct id_mesure, libelle_mesure, ordre_mesure from catalogue.indicateurs) as m on m.id_mesure = w.id_mesure
join catalogue.territoires as t on t.maille = w.maille and t.code = w.code
order by m.ordre_mesure, w.maille, w.code
