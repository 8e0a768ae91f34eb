-- The rejected rows that count against what a delivery is allowed (`rejets_toleres`): not the repeats, not the unknown indicators.
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
    where r.regle not in ('doublon_identique', 'indicateur_hors_catalogue')
),

counted as (
    select *, count(*) filter (where not acceptee) over (partition by livraison) as comptes
    from judged
)

select
    c.*,
    coalesce(l.tolerance_rejets, 0) as toleres,
    c.comptes > coalesce(l.tolerance_rejets, 0) as au_dela
from counted as c
left join stg_livraisons as l using (livraison)
order by c.livraison, c.fichier, c.feuille, c.ligne, c.colonne, c.regle, c.contenu
