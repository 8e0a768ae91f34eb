-- What changed since the edition before, with its labels: targets first, then what was withdrawn, then revised, then the rest.
-- One row per field, indicateur, maille, territoire and date that changed.
select
    case
        when r.champ in ('cible', 'date_cible') then 1
        when r.apres is null then 2
        when r.avant is not null then 3
        else 4
    end as rang,
    r.*,
    coalesce(i.libelle_indicateur, p.libelle_indicateur) as libelle_indicateur,
    t.libelle_territoire
from revisions as r
left join catalogue.indicateurs as i on i.id_indicateur = r.id_indicateur
left join precedente.indicateurs as p on p.id_indicateur = r.id_indicateur
left join catalogue.territoires as t on t.maille = r.maille and t.code = r.code
order by all
