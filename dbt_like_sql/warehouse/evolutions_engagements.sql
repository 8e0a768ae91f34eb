-- What moved of the commitments from an edition to the next: their status and calendar, as they are declared.
-- One row per pair of editions that follow one another and both have commitments, engagement and champ that moved.
-- @ edition_avant: Édition comparée. [source: étiquettes du dépôt]
-- @ edition_apres: Édition qui la suit. [source: étiquettes du dépôt]
-- @ id_engagement: Identifiant de l’engagement. [source: publication]
-- @ champ: Ce qui change, statut ou calendrier. [source: publication]
-- @ avant: Ce qui était déclaré, vide si rien ne l’était. [source: publication]
-- @ apres: Ce qui est déclaré, vide si rien ne l’est plus. [source: publication]
-- @ nature: change, ou nouveau ou retire pour l’engagement lui-même. [source: calcul]
with said as (
    select
        edition,
        id_engagement,
        unnest([{'champ': 'statut', 'mot': statut}, {'champ': 'calendrier', 'mot': calendrier}], recursive := true)
    from engagements
),

compared as (
    select *
    from paires
    where edition_avant in (select edition from engagements) and edition_apres in (select edition from engagements)
),

before as (
    select p.edition_avant, p.edition_apres, s.id_engagement, s.champ, s.mot
    from compared as p
    join said as s on s.edition = p.edition_avant
),

after as (
    select p.edition_avant, p.edition_apres, s.id_engagement, s.champ, s.mot
    from compared as p
    join said as s on s.edition = p.edition_apres
)

select
    coalesce(a.edition_avant, b.edition_avant) as edition_avant,
    coalesce(a.edition_apres, b.edition_apres) as edition_apres,
    coalesce(a.id_engagement, b.id_engagement) as id_engagement,
    coalesce(a.champ, b.champ) as champ,
    a.mot as avant,
    b.mot as apres,
    case when a.id_engagement is null then 'nouveau' when b.id_engagement is null then 'retire' else 'change' end as nature
from before as a
full join after as b
    on b.edition_avant = a.edition_avant
    and b.edition_apres = a.edition_apres
    and b.id_engagement = a.id_engagement
    and b.champ = a.champ
where a.mot is distinct from b.mot
order by edition_apres, id_engagement, champ
