-- Each objective with its comparable value now (`vc`, at `dvc`), and whether that meets the target.
-- One row per objective whose indicator has a value in its territory; `signe` turns progress upwards.
with yearly as (
    select
        r.*,
        i.lecture = 'cumul_annuel' as annuel,
        case i.sens when 'hausse' then 1 else -1 end as signe,
        y.pas,
        if(annuel, y.vc, r.valeur_actuelle) as vc,
        if(annuel, y.dvc, r.date_valeur_actuelle) as dvc,
        if(annuel, y.base, 'valeur') as base
    from int_reperes as r
    join catalogue.indicateurs as i on i.id_indicateur = r.id_indicateur
    left join int_comparables as y
        on y.id_indicateur = r.id_indicateur
        and y.maille = r.maille
        and y.code = r.code
        and y.date = r.date_valeur_actuelle
)

select
    id_indicateur,
    maille,
    code,
    signe,
    valeur_initiale as vi,
    date_valeur_initiale as dvi,
    cible as c,
    date_cible as dc,
    date_valeur_actuelle as dva,
    vc,
    dvc,
    case when vc is not null then base end as base,
    case
        when valeur_actuelle is null then 'sans_valeur'
        when annuel and pas is null then 'pas_irregulier'
        when vc is null then 'annee_incomplete'
    end as motif_sans_vc,
    coalesce(signe * vc >= signe * cible, false) as vc_atteint,
    -- What the year has counted so far may be enough, whatever is not known of the months before.
    coalesce(annuel and signe = 1 and valeur_actuelle >= cible, false) as cumul_atteint
from yearly
order by id_indicateur, maille, code
