-- Values of the mailles that no delivery gives, summed or weighted from the départements (methodology.md, 1.3).
-- One row per indicateur, maille, territoire and date, with how many children had a value and how many ever did.
with missing_mailles as (
    select i.id as indicateur, i.agregation_territoriale, i.poids, m.maille
    from catalogue.indicateurs as i
    cross join (values ('nationale'), ('regionale')) as m (maille)
    where i.agregation_territoriale is not null
        and (i.mailles is null or list_contains(i.mailles, m.maille))
        and not exists (from int_series as s where s.indicateur = i.id and s.maille = m.maille)
),

weights as (
    select indicateur, territoire, date, valeur as poids
    from int_series
    where maille = 'departementale'
),

children as (
    select
        m.indicateur,
        m.maille,
        m.agregation_territoriale,
        case m.maille when 'regionale' then t.parent else r.parent end as territoire,
        s.date,
        s.valeur,
        p.poids
    from missing_mailles as m
    join int_series as s on s.indicateur = m.indicateur and s.maille = 'departementale'
    join catalogue.territoires as t on t.maille = 'departementale' and t.code = s.territoire
    join catalogue.territoires as r on r.maille = 'regionale' and r.code = t.parent
    -- The weight known at the date of the value: population, say, is known once a year.
    asof left join weights as p
        on p.indicateur = m.poids and p.territoire = s.territoire and p.date <= s.date
),

rolled_up as (
    select
        indicateur,
        maille,
        territoire,
        date,
        case agregation_territoriale
            when 'somme' then sum(valeur::decimal(38, 6))::double
            else fsum(valeur * poids order by valeur, poids) / nullif(fsum(poids order by poids), 0)
        end as valeur,
        count(*) as enfants
    from children
    where agregation_territoriale = 'somme' or poids is not null
    group by indicateur, maille, territoire, date, agregation_territoriale
)

select
    *,
    max(enfants) over (partition by indicateur, maille, territoire) as enfants_attendus
from rolled_up
where valeur is not null
order by indicateur, maille, territoire, date
