-- The largest moves from an edition to the next: the ten that went most ahead, and the ten that went most back, of each level.
-- One row per pair of editions that follow one another, maille, way, indicateur and territoire.
-- @ edition_avant: Édition comparée. [source: étiquettes du dépôt]
-- @ edition_apres: Édition qui la suit. [source: étiquettes du dépôt]
-- @ maille: Niveau du territoire. [source: catalogue]
-- @ sens_du_mouvement: avance ou recule. [source: calcul]
-- @ rang: Rang du mouvement, le plus grand d’abord, à part pour ceux qui sont exclus ; des égaux ont le même. [unité: rang] [source: calcul]
-- @ id_indicateur: Identifiant de l’indicateur. [source: catalogue]
-- @ code: Code du territoire dans sa maille. [source: catalogue]
-- @ territoire: Clé d’un territoire en une colonne : maille-code. [source: catalogue]
-- @ tau_avant: Part du chemin parcourue à l’édition comparée. [unité: rapport] [source: calcul]
-- @ tau_apres: Part du chemin parcourue à l’édition qui la suit. [unité: rapport] [source: calcul]
-- @ ecart_points: Mouvement, 100 fois leur différence. [unité: points] [source: calcul]
-- @ exclu: Pourquoi ce mouvement n’en est pas un, ce qui change de la cible, du départ, de la lecture, de la série ou de
--   l’unité ; vide s’il compte. [source: calcul]
with moved as (
    select
        p.edition_avant,
        p.edition_apres,
        b.maille,
        b.id_indicateur,
        b.code,
        b.territoire,
        a.tau as tau_avant,
        b.tau as tau_apres,
        100 * (b.tau - a.tau) as ecart_points,
        nullif(concat_ws(', ',
            case when (a.cible, a.date_cible) is distinct from (b.cible, b.date_cible) then 'cible' end,
            case
                when (a.valeur_initiale, a.date_valeur_initiale) is distinct from (b.valeur_initiale, b.date_valeur_initiale)
                    then 'départ'
            end,
            case when ia.lecture != ib.lecture then 'lecture' end,
            case when (ia.serie, ia.multiplicateur) is distinct from (ib.serie, ib.multiplicateur) then 'série' end,
            case when ia.unite is distinct from ib.unite then 'unité' end
        ), '') as exclu
    from paires as p
    join progression as a on a.edition = p.edition_avant
    join progression as b
        on b.edition = p.edition_apres and b.id_indicateur = a.id_indicateur and b.maille = a.maille and b.code = a.code
    join indicateurs as ia on ia.edition = p.edition_avant and ia.id_indicateur = a.id_indicateur
    join indicateurs as ib on ib.edition = p.edition_apres and ib.id_indicateur = b.id_indicateur
    where a.tau != b.tau
),

ranked as (
    select
        *,
        if(ecart_points > 0, 'avance', 'recule') as sens_du_mouvement,
        rank() over (
            partition by edition_apres, maille, ecart_points > 0, exclu is null order by abs(ecart_points) desc
        ) as rang
    from moved
)

select
    edition_avant,
    edition_apres,
    maille,
    sens_du_mouvement,
    rang,
    id_indicateur,
    code,
    territoire,
    tau_avant,
    tau_apres,
    ecart_points,
    exclu
from ranked
where rang <= 10
order by edition_apres, maille, sens_du_mouvement, exclu nulls first, rang, id_indicateur, code
