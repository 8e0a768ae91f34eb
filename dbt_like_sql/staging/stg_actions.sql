-- The actions of commitments: those that were delivered, else those of the catalogue; a row that is repeated is one.
-- One row per action, by its rank in its engagement.
with delivered as (
    select
        id_engagement,
        min(rang) as rang,
        libelle,
        resultats,
        prochaines_etapes,
        statut,
        statut_declare,
        echeance
    from raw.actions
    group by all
),

held as (
    from delivered
    union all by name
    select * from catalogue.actions as c
    where not exists (from delivered as d where d.id_engagement = c.id_engagement)
)

select
    id_engagement,
    row_number() over (partition by id_engagement order by rang) as rang,
    libelle,
    resultats,
    prochaines_etapes,
    coalesce(statut, 'non_renseigne') as statut,
    statut_declare,
    echeance
from held
order by id_engagement, rang
