-- Where each indicator stands on the way to its target: status, expected date, calendar.
-- One row per row of the synthèse, in its order.
-- @ territoire: Clé d’un territoire en une colonne : maille-code. [source: catalogue]
-- @ vc: Valeur comparable : la valeur actuelle, ou douze mois d’un compte annuel. [unité: celle de l’indicateur] [source: calcul]
-- @ dvc: Date de la valeur comparable. [unité: jour] [source: calcul]
-- @ base: Ce qu’est la valeur comparable : valeur, 12_mois ou annee_complete. [source: calcul]
-- @ chemin: La cible est plus loin, dans le sens du progrès, que la valeur initiale. [unité: vrai ou faux] [source: calcul]
-- @ tau: Part du chemin parcourue, ni bornée ni arrondie : (vc - valeur initiale) / (cible - valeur initiale).
--   [unité: rapport] [source: calcul]
-- @ phi: Part du temps écoulée à la date de la valeur comparable, au plus 1. [unité: rapport] [source: calcul]
-- @ rythme: tau / phi. [unité: rapport] [source: calcul]
-- @ ecart_points: Avance (ou retard, négatif) sur une marche régulière : 100 x (tau - phi). [unité: points] [source: calcul]
-- @ valeur_attendue: Valeur d’une marche régulière à la date dvc. [unité: celle de l’indicateur] [source: calcul]
-- @ statut: Le premier qui convient : sans cible ; non calculable ; atteint ; recule ; en bonne voie (rythme au moins égal au
--   premier seuil du catalogue) ; en retard. [source: calcul]
-- @ retard: Ampleur du retard : modere à partir du second seuil du catalogue, sinon fort. [source: calcul]
-- @ motif: Pourquoi le statut est non calculable : sans_valeur, pas_irregulier, annee_incomplete, sans_valeur_initiale,
--   sans_date_initiale, sans_date_cible, valeur_non_posterieure, echeance_non_posterieure. [source: calcul]
-- @ echeance: a_venir, a_constater (échue, sans valeur aussi récente) ou passee. [source: calcul]
-- @ valeur_a_echeance: Valeur comparable à la dernière date connue avant l’échéance, comprise.
--   [unité: celle de l’indicateur] [source: calcul]
-- @ date_valeur_a_echeance: Date de la valeur à l’échéance. [unité: jour] [source: calcul]
-- @ fraicheur: ancienne si la valeur actuelle a plus de 1,5 période et 3 mois à la fin de l’édition, sinon a_jour.
--   [source: calcul]
-- @ date_atteinte: Première date depuis laquelle toutes les valeurs comparables atteignent la cible ; celle de la valeur
--   actuelle si seul le cumul de l’année l’atteint. [unité: jour] [source: calcul]
-- @ date_prevue: Fin du mois où la cible serait atteinte, au rythme moyen depuis la valeur initiale.
--   [unité: jour] [source: calcul]
-- @ motif_date_prevue: jamais_au_rythme_actuel, où l’on connaît ce rythme : il n’y mène pas, ou plus de 50 ans après
--   l’échéance. [source: calcul]
-- @ date_prevue_recente: La même date, au rythme des douze derniers mois ; vide aussi s’il n’y mène pas, ou plus de 50 ans
--   après l’échéance. [unité: jour] [source: calcul]
-- @ calendrier: Le premier qui convient : indetermine, tenu, echu, conforme, retarde. [source: calcul]
with measured as (
    select
        a.*,
        j.* exclude (id_indicateur, maille, code, date_atteinte),
        a.vc_atteint or a.cumul_atteint as atteint,
        case when atteint then coalesce(j.date_atteinte, a.dva) end as date_atteinte,
        a.signe * (a.c - a.vi) > 0 as chemin,
        case when chemin then (a.vc - a.vi) / (a.c - a.vi) end as tau,
        case when a.dvi < a.dvc and a.dvi < a.dc then least(1, (a.dvc - a.dvi) / (a.dc - a.dvi)) end as phi,
        (j.vc_un_an_avant - a.vc) / (j.dvc_un_an_avant - a.dvc) as pente,
        -- Later than this, a date says nothing.
        (coalesce(a.dc, a.dvc) + interval 50 years)::date as horizon,
        f.age_limite,
        e.fin
    from int_actuelles as a
    join int_frequences as f on f.id_indicateur = a.id_indicateur and f.maille = a.maille
    left join int_jalons as j on j.id_indicateur = a.id_indicateur and j.maille = a.maille and j.code = a.code
    cross join catalogue.edition as e
),

judged as (
    select
        *,
        tau / phi as rythme,
        case
            when c is null then 'sans cible'
            when atteint then 'atteint'
            when vc is null or vi is null then 'non calculable'
            when not chemin or tau < 0 then 'recule'
            when dvi is null or dc is null or dvc <= dvi or dc <= dvi then 'non calculable'
            when rythme >= s.en_bonne_voie then 'en bonne voie'
            else 'en retard'
        end as statut,
        case when statut = 'en retard' then if(rythme >= s.retard_modere, 'modere', 'fort') end as retard,
        case
            when statut != 'non calculable' then null
            when vc is null then motif_sans_vc
            when vi is null then 'sans_valeur_initiale'
            when dvi is null then 'sans_date_initiale'
            when dc is null then 'sans_date_cible'
            when dvc <= dvi then 'valeur_non_posterieure'
            else 'echeance_non_posterieure'
        end as motif
    from measured
    cross join catalogue.seuils as s
),

dated as (
    select
        *,
        case
            when c is null or dc is null then null
            when dc > fin then 'a_venir'
            when dvc >= dc then 'passee'
            else 'a_constater'
        end as echeance,
        -- A day only within the horizon: beyond, it may be no date at all.
        case when not atteint and tau > 0 and (dvc - dvi) / tau <= horizon - dvi
            then last_day(dvi + floor((dvc - dvi) / tau)::integer)
        end as date_prevue,
        case when not atteint and signe * pente > 0 and (c - vc) / pente <= horizon - dvc
            then last_day(dvc + floor((c - vc) / pente)::integer)
        end as date_prevue_recente,
        case
            when statut in ('sans cible', 'non calculable') then 'indetermine'
            when statut = 'atteint' and (dc is null or date_atteinte <= dc) then 'tenu'
            when dc <= fin then 'echu'
            when date_prevue <= dc then 'conforme'
            else 'retarde'
        end as calendrier
    from judged
)

select
    y.edition,
    y.id_secteur,
    y.id_mesure,
    y.id_indicateur,
    y.maille,
    y.code,
    y.maille || '-' || y.code as territoire,
    y.valeur_initiale,
    y.date_valeur_initiale,
    y.valeur_actuelle,
    y.date_valeur_actuelle,
    y.cible,
    y.date_cible,
    d.vc,
    d.dvc,
    d.base,
    d.chemin,
    d.tau,
    d.phi,
    d.rythme,
    100 * (d.tau - d.phi) as ecart_points,
    d.vi + (d.c - d.vi) * d.phi as valeur_attendue,
    d.statut,
    d.retard,
    d.motif,
    d.echeance,
    d.valeur_a_echeance,
    d.date_valeur_a_echeance,
    case when datediff('month', d.dva, d.fin) > d.age_limite then 'ancienne' when d.dva is not null then 'a_jour' end
        as fraicheur,
    d.date_atteinte,
    d.date_prevue,
    -- Without a comparable value there is no pace, whichever way the target lies.
    case
        when d.vc is not null and d.date_prevue is null and not d.atteint
            and (not d.chemin or d.tau <= 0 or d.tau > 0 and d.dvi is not null)
            then 'jamais_au_rythme_actuel'
    end as motif_date_prevue,
    d.date_prevue_recente,
    d.calendrier
from synthese as y
join dated as d on d.id_indicateur = y.id_indicateur and d.maille = y.maille and d.code = y.code
order by y.ordre_mesure, y.ordre_indicateur, y.maille, y.code
