-- How the rate of each territory changes from an edition to the next: of what is the same in both, and of what is not.
-- One row per pair of editions that follow one another, secteur (empty: all together), maille and territoire.
-- @ edition_avant: Édition comparée. [source: étiquettes du dépôt]
-- @ edition_apres: Édition qui la suit. [source: étiquettes du dépôt]
-- @ id_secteur: Identifiant du secteur, vide pour tous ensemble. [source: catalogue]
-- @ maille: Niveau du territoire. [source: catalogue]
-- @ code: Code du territoire dans sa maille. [source: catalogue]
-- @ territoire: Clé d’un territoire en une colonne : maille-code. [source: catalogue]
-- @ taux_avant: Taux d’avancement à l’édition comparée. [unité: %] [source: calcul]
-- @ taux_apres: Taux d’avancement à l’édition qui la suit. [unité: %] [source: calcul]
-- @ indicateurs_constants: Indicateurs qui ont un taux aux deux éditions, avec la même cible, le même départ et la même
--   définition ; vide où l’une des deux éditions est reprise du dépôt. [unité: indicateurs] [source: calcul]
-- @ evolution_constante: Évolution du taux depuis l’édition précédente sur ces seuls indicateurs. [unité: points] [source: calcul]
-- @ effet_perimetre: Reste de l’évolution du taux, dû aux indicateurs, cibles et définitions qui changent. [unité: points] [source: calcul]
with defined as (
    select t.edition, t.id_secteur, t.id_mesure, t.id_indicateur, t.maille, t.code, t.territoire, t.poids, t.taux,
        (
            s.cible, s.date_cible, s.valeur_initiale, s.date_valeur_initiale,
            i.sens, i.lecture, i.serie, i.multiplicateur, i.unite
        ) as definition
    from taux_indicateurs as t
    join synthese as s
        on s.edition = t.edition and s.id_indicateur = t.id_indicateur and s.maille = t.maille and s.code = t.code
    join indicateurs as i on i.edition = t.edition and i.id_indicateur = t.id_indicateur
    where t.taux is not null
),

constant as (
    select p.edition_avant, p.edition_apres, b.id_secteur, b.id_mesure, b.id_indicateur, b.maille, b.code, b.territoire,
        b.poids, a.taux as taux_avant, b.taux as taux_apres
    from paires as p
    join defined as a on a.edition = p.edition_avant
    join defined as b
        on b.edition = p.edition_apres and b.id_indicateur = a.id_indicateur and b.maille = a.maille and b.code = a.code
        and b.definition is not distinct from a.definition
    where b.poids > 0
),

-- In one order: sums of doubles depend on it.
by_policy as (
    select edition_avant, edition_apres, id_secteur, id_mesure, maille, code, territoire,
        count(*) as indicateurs,
        fsum(poids * taux_avant order by id_indicateur) / fsum(poids order by id_indicateur) as taux_avant,
        fsum(poids * taux_apres order by id_indicateur) / fsum(poids order by id_indicateur) as taux_apres
    from constant
    group by all
),

moved as (
    select edition_avant, edition_apres, id_secteur, maille, code, territoire,
        sum(indicateurs)::bigint as indicateurs,
        favg(taux_apres order by id_mesure) - favg(taux_avant order by id_mesure) as evolution
    from by_policy
    group by grouping sets (
        (edition_avant, edition_apres, id_secteur, maille, code, territoire),
        (edition_avant, edition_apres, maille, code, territoire)
    )
),

known as (
    select distinct edition
    from taux_indicateurs
),

rolled_up as (
    select edition, id_secteur, maille, code, territoire, taux from avancement_secteurs
    union all by name
    select edition, maille, code, territoire, taux from avancement_territoires
)

select
    p.edition_avant,
    p.edition_apres,
    b.id_secteur,
    b.maille,
    b.code,
    b.territoire,
    a.taux as taux_avant,
    b.taux as taux_apres,
    -- Not known of an edition whose rates of each indicator are not there, as of one that was built elsewhere.
    case when ka.edition is not null and kb.edition is not null then coalesce(m.indicateurs, 0) end as indicateurs_constants,
    m.evolution as evolution_constante,
    b.taux - a.taux - m.evolution as effet_perimetre
from paires as p
join rolled_up as b on b.edition = p.edition_apres
join rolled_up as a
    on a.edition = p.edition_avant and a.id_secteur is not distinct from b.id_secteur
    and a.maille = b.maille and a.code = b.code
left join known as ka on ka.edition = p.edition_avant
left join known as kb on kb.edition = p.edition_apres
left join moved as m
    on m.edition_avant = p.edition_avant and m.edition_apres = p.edition_apres
    and m.id_secteur is not distinct from b.id_secteur and m.maille = b.maille and m.code = b.code
order by p.edition_apres, b.id_secteur nulls first, b.maille, b.code
