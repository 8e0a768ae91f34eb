-- How far each territory is by its indicators and by its policies, in each sector and in all of them together.
-- One row per secteur (null for all together), maille and territoire that has a row in the synthèse or a target.
-- @ indicateurs: Indicateurs qui ont une ligne dans la synthèse. [unité: indicateurs] [source: calcul]
-- @ avec_cible: Indicateurs de la synthèse qui ont une cible. [unité: indicateurs] [source: calcul]
-- @ avec_taux: Indicateurs dont le taux est connu. [unité: indicateurs] [source: calcul]
-- @ atteints: Indicateurs au statut atteint. [unité: indicateurs] [source: calcul]
-- @ en_bonne_voie: Indicateurs au statut en bonne voie. [unité: indicateurs] [source: calcul]
-- @ en_retard: Indicateurs au statut en retard. [unité: indicateurs] [source: calcul]
-- @ reculent: Indicateurs au statut recule. [unité: indicateurs] [source: calcul]
-- @ non_calculables: Indicateurs au statut non calculable. [unité: indicateurs] [source: calcul]
-- @ sans_cible: Indicateurs sans cible. [unité: indicateurs] [source: calcul]
-- @ anciens: Indicateurs dont la valeur actuelle est ancienne. [unité: indicateurs] [source: calcul]
-- @ cibles_atteintes: Indicateurs au statut atteint, par les valeurs et non par un taux arrondi.
--   [unité: indicateurs] [source: calcul]
-- @ moyenne_indicateurs: Moyenne des taux des indicateurs. [unité: %] [source: calcul]
-- @ mediane_indicateurs: Médiane des taux des indicateurs. [unité: %] [source: calcul]
-- @ taux: Moyenne des taux des mesures, quand ils sont connus. [unité: %] [source: calcul]
-- @ taux_officiel: Moyenne des taux d’avancement officiels des indicateurs. [unité: %] [source: calcul]
-- @ part_en_bonne_voie: Part des indicateurs atteints ou en bonne voie parmi ceux dont le statut est jugé ; vide sous trois.
--   [unité: %] [source: calcul]
-- @ mesures: Mesures qui ont au moins un indicateur attendu. [unité: mesures] [source: calcul]
-- @ mesures_completes: Mesures dont le taux est connu. [unité: mesures] [source: calcul]
-- @ taux_commun: Moyenne des taux des indicateurs communs : ceux dont 95 % des territoires de la maille ont le taux.
--   [unité: %] [source: calcul]
-- @ n_commun: Indicateurs communs dont le territoire a le taux. [unité: indicateurs] [source: calcul]
-- @ ecart_mediane: Écart entre le taux commun et sa médiane dans la maille. [unité: points] [source: calcul]
with rated as (
    select
        t.*,
        c.id_indicateur is not null and t.poids > 0 and t.taux is not null as commun
    from int_taux as t
    left join int_communs as c on c.id_indicateur = t.id_indicateur and c.maille = t.maille
),

by_indicator as (
    select
        id_secteur,
        maille,
        code,
        count(statut) as indicateurs,
        count(*) filter (where avec_cible) as avec_cible,
        count(taux) as avec_taux,
        count(*) filter (where statut = 'atteint') as atteints,
        count(*) filter (where statut = 'en bonne voie') as en_bonne_voie,
        count(*) filter (where statut = 'en retard') as en_retard,
        count(*) filter (where statut = 'recule') as reculent,
        count(*) filter (where statut = 'non calculable') as non_calculables,
        count(*) filter (where statut = 'sans cible') as sans_cible,
        count(*) filter (where fraicheur = 'ancienne') as anciens,
        -- Means in one order: those of doubles depend on it.
        favg(taux order by id_indicateur) as moyenne_indicateurs,
        median(taux) as mediane_indicateurs,
        favg(taux_officiel order by id_indicateur) as taux_officiel,
        favg(taux order by id_indicateur) filter (where commun) as taux_commun,
        count(*) filter (where commun) as n_commun
    from rated
    group by grouping sets ((id_secteur, maille, code), (maille, code))
),

by_policy as (
    select
        id_secteur,
        maille,
        code,
        favg(taux order by id_mesure) as taux,
        count(*) filter (where attendus > 0) as mesures,
        count(taux) as mesures_completes
    from avancement_mesures
    group by grouping sets ((id_secteur, maille, code), (maille, code))
),

-- Once a level, and not in a window, where an engine may sort all its territories for each of them.
middle as (
    select
        id_secteur,
        maille,
        median(taux_commun) as mediane
    from by_indicator
    group by id_secteur, maille
)

select
    e.edition,
    i.id_secteur,
    i.maille,
    i.code,
    i.maille || '-' || i.code as territoire,
    t.libelle_territoire,
    i.indicateurs,
    i.avec_cible,
    i.avec_taux,
    i.atteints,
    i.en_bonne_voie,
    i.en_retard,
    i.reculent,
    i.non_calculables,
    i.sans_cible,
    i.anciens,
    i.atteints as cibles_atteintes,
    round_even(i.moyenne_indicateurs, 1) as moyenne_indicateurs,
    round_even(i.mediane_indicateurs, 1) as mediane_indicateurs,
    p.taux,
    i.taux_officiel,
    i.atteints + i.en_bonne_voie + i.en_retard + i.reculent as juges,
    case when juges >= 3 then 100 * (i.atteints + i.en_bonne_voie) / juges end as part_en_bonne_voie,
    p.mesures,
    p.mesures_completes,
    i.taux_commun,
    i.n_commun,
    i.taux_commun - m.mediane as ecart_mediane
from by_indicator as i
join middle as m on m.id_secteur is not distinct from i.id_secteur and m.maille = i.maille
join by_policy as p on p.id_secteur is not distinct from i.id_secteur and p.maille = i.maille and p.code = i.code
join catalogue.territoires as t on t.maille = i.maille and t.code = i.code
cross join catalogue.edition as e
order by i.id_secteur, i.maille, i.code
