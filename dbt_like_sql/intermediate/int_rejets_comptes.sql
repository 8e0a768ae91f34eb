-- The rejected rows that count against what a delivery is allowed (`rejets_toleres`, in all or by reason): no repeat, no unknown indicator, nothing replaced.
-- One row per row kept aside; `acceptee` where an exception covers it, `au_dela` where its delivery has more than allowed.
with judged as (
    select
        r.*,
        exists (
            select 1
            from catalogue.exceptions as x
            where x.en_vigueur
                -- As in quality.rules.about, which writes it for the rules: what an exception does not say is any.
                and x.regle = r.regle
                and x.id_indicateur = r.id_indicateur
                and (x.maille is null or x.maille = r.maille)
                and (x.code is null or x.code = r.code)
                and (x.date is null or x.date = r.date)
        ) as acceptee
    from stg_rejets as r
    where r.regle not in ('doublon_identique', 'indicateur_hors_catalogue', 'valeur_remplacee')
),

allowed as (
    select
        j.*,
        t.livraison is not null as par_raison,
        coalesce(t.toleres, case when r.livraison is null then l.tolerance_rejets end, 0) as toleres
    from judged as j
    left join stg_livraisons as l using (livraison)
    left join catalogue.rejets_toleres as t on t.livraison = j.livraison and t.regle = j.regle
    left join (select distinct livraison from catalogue.rejets_toleres) as r on r.livraison = j.livraison
),

counted as (
    select
        *,
        case
            when par_raison then count(*) filter (where not acceptee) over (partition by livraison, regle)
            else count(*) filter (where not acceptee) over (partition by livraison)
        end as comptes
    from allowed
)

select *, comptes > toleres as au_dela
from counted
order by livraison, fichier, feuille, ligne, colonne, regle, contenu
