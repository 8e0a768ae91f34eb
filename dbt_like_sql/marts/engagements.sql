-- The commitments that the barometer follows, as their bearers declare them: no figure takes the place of a declaration.
-- One row per engagement, in the order of publication.
-- @ edition: Édition, comme 2022-T1. [source: catalogue]
-- @ ordre: Rang dans la publication. [unité: rang] [source: catalogue ou livraison]
-- @ id_engagement: Identifiant de l’engagement. [source: catalogue ou livraison]
-- @ libelle: L’engagement. [source: catalogue ou livraison]
-- @ axe: Axe du plan d’action dont il fait partie. [source: catalogue]
-- @ institutions: Qui le porte, séparés par un point-virgule. [source: catalogue ou livraison]
-- @ enjeux: Pourquoi cet engagement. [source: catalogue ou livraison]
-- @ statut: non_demarre, partiel, substantiel ou complet. [source: catalogue ou livraison]
-- @ statut_declare: Le statut, dans les mots de la déclaration. [source: catalogue ou livraison]
-- @ calendrier: conforme ou retarde. [source: catalogue ou livraison]
-- @ calendrier_declare: Le calendrier, dans les mots de la déclaration. [source: catalogue ou livraison]
-- @ mis_a_jour_le: Jour de la déclaration. [unité: jour] [source: catalogue ou livraison]
-- @ indicateurs: Identifiants des indicateurs qui l’illustrent. [source: catalogue]
-- @ actions: Nombre de ses actions. [unité: actions] [source: calcul]
-- @ actions_completes: Nombre d’actions déclarées complètes. [unité: actions] [source: calcul]
-- @ actions_en_retard: Nombre d’actions dont l’échéance est passée. [unité: actions] [source: calcul]
-- @ deja_suivi: S’il était suivi dans la publication à laquelle l’édition est comparée. [source: publication précédente]
-- @ statut_precedent: Statut dans la publication à laquelle l’édition est comparée. [source: publication précédente]
-- @ calendrier_precedent: Calendrier dans cette publication. [source: publication précédente]
with counted as (
    select
        id_engagement,
        count(*) as actions,
        count(*) filter (where statut = 'complet') as completes,
        count(*) filter (where en_retard) as en_retard
    from actions
    group by id_engagement
)

select
    e.edition,
    g.ordre,
    g.id_engagement,
    g.libelle,
    g.axe,
    g.institutions,
    g.enjeux,
    g.statut,
    g.statut_declare,
    g.calendrier,
    g.calendrier_declare,
    g.mis_a_jour_le,
    array_to_string(g.indicateurs, ', ') as indicateurs,
    coalesce(n.actions, 0) as actions,
    coalesce(n.completes, 0) as actions_completes,
    coalesce(n.en_retard, 0) as actions_en_retard,
    p.id_engagement is not null as deja_suivi,
    p.statut as statut_precedent,
    p.calendrier as calendrier_precedent
from stg_engagements as g
left join counted as n on n.id_engagement = g.id_engagement
left join precedente.engagements as p on p.id_engagement = g.id_engagement
cross join catalogue.edition as e
order by g.ordre
