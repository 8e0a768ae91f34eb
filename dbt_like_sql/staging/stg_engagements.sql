-- The commitments: what the catalogue says of each, and in its place, field by field, what was delivered since.
-- One row per engagement.
with delivered as (
    select
        id_engagement,
        min(rang) as rang,
        arg_min(libelle, rang) as libelle,
        arg_min(institutions, rang) as institutions,
        arg_min(enjeux, rang) as enjeux,
        arg_min(statut, rang) as statut,
        arg_min(statut_declare, rang) as statut_declare,
        arg_min(calendrier, rang) as calendrier,
        arg_min(calendrier_declare, rang) as calendrier_declare,
        arg_min(mis_a_jour_le, rang) as mis_a_jour_le
    from raw.engagements
    group by id_engagement
)

select
    -- In the order of numbers, where ids are numbers.
    row_number() over (order by try_cast(id_engagement as integer) nulls last, c.ordre nulls last, d.rang) as ordre,
    id_engagement,
    coalesce(d.libelle, c.libelle) as libelle,
    c.axe,
    coalesce(d.institutions, c.institutions) as institutions,
    coalesce(d.enjeux, c.enjeux) as enjeux,
    coalesce(d.statut, c.statut) as statut,
    coalesce(d.statut_declare, c.statut_declare) as statut_declare,
    coalesce(d.calendrier, c.calendrier) as calendrier,
    coalesce(d.calendrier_declare, c.calendrier_declare) as calendrier_declare,
    coalesce(d.mis_a_jour_le, c.mis_a_jour_le) as mis_a_jour_le,
    coalesce(c.indicateurs, []) as indicateurs
from delivered as d
full join catalogue.engagements as c using (id_engagement)
order by ordre
