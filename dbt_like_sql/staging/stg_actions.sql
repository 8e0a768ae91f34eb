-- The actions of commitments: what the catalogue says of each, and in its place, field by field, what was delivered since.
-- One row per action, by its rank in its engagement.
with delivered as (
    select
        id_engagement,
        libelle,
        min(rang) as rang,
        arg_min(resultats, rang) as resultats,
        arg_min(prochaines_etapes, rang) as prochaines_etapes,
        arg_min(statut, rang) as statut,
        arg_min(statut_declare, rang) as statut_declare,
        arg_min(echeance, rang) as echeance
    from raw.actions
    group by id_engagement, libelle
)

select
    id_engagement,
    row_number() over (partition by id_engagement order by c.rang nulls last, d.rang) as rang,
    libelle,
    coalesce(d.resultats, c.resultats) as resultats,
    coalesce(d.prochaines_etapes, c.prochaines_etapes) as prochaines_etapes,
    coalesce(d.statut, c.statut, 'non_renseigne') as statut,
    coalesce(d.statut_declare, c.statut_declare) as statut_declare,
    coalesce(d.echeance, c.echeance) as echeance
from delivered as d
full join catalogue.actions as c using (id_engagement, libelle)
order by id_engagement, rang
