-- Que disait-on d’une même série à chaque publication ? (Ici, la série qui a eu le plus de révisions.)
-- Réponse : {libelle_indicateur} ({libelle_territoire}) au {date} : {valeur}, dit la publication {publication}.
with choisie as (
    select id_indicateur, maille, code
    from revisions
    where champ = 'valeur'
    group by id_indicateur, maille, code
    order by count(*) filter (nature = 'revisee') desc, count(*) desc, id_indicateur, maille, code
    limit 1
)

select
    i.libelle_indicateur,
    t.libelle_territoire,
    d.date,
    d.publication,
    d.valeur,
    d.id_indicateur,
    d.territoire
from detail_par_publication as d
join choisie using (id_indicateur, maille, code)
left join indicateurs_derniere as i using (id_indicateur)
left join territoires_derniere as t using (territoire)
order by d.date, length(d.publication), d.publication
