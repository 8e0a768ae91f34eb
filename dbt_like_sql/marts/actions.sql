-- What is done to keep each commitment, as its bearers declare it.
-- One row per action, by its rank in its engagement.
-- @ edition: Édition, comme 2022-T1. [source: catalogue]
-- @ ordre: Rang de l’engagement dans la publication. [unité: rang] [source: catalogue ou livraison]
-- @ id_engagement: Identifiant de l’engagement. [source: catalogue ou livraison]
-- @ rang: Rang de l’action dans son engagement. [unité: rang] [source: catalogue ou livraison]
-- @ libelle: L’action. [source: catalogue ou livraison]
-- @ resultats: Ce qui a été obtenu, tel que déclaré. [source: catalogue ou livraison]
-- @ prochaines_etapes: Ce qui doit suivre, tel que déclaré. [source: catalogue ou livraison]
-- @ statut: non_demarre, partiel, substantiel, complet ou non_renseigne. [source: catalogue ou livraison]
-- @ statut_declare: Le statut, dans les mots de la déclaration. [source: catalogue ou livraison]
-- @ echeance: Date prévue de l’action. [unité: jour] [source: catalogue ou livraison]
-- @ en_retard: L’échéance est passée et l’action n’est pas complète. [unité: vrai ou faux] [source: calcul]
select
    e.edition,
    g.ordre,
    a.id_engagement,
    a.rang,
    a.libelle,
    a.resultats,
    a.prochaines_etapes,
    a.statut,
    a.statut_declare,
    a.echeance,
    a.echeance <= e.fin and a.statut != 'complet' as en_retard
from stg_actions as a
left join stg_engagements as g on g.id_engagement = a.id_engagement
cross join catalogue.edition as e
order by g.ordre nulls last, a.id_engagement, a.rang
