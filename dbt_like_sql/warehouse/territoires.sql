-- The territories, with what each is part of.
-- One row per edition, maille and code.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ maille: Niveau du territoire. [source: catalogue, territoires.csv]
-- @ code: Code du territoire dans sa maille : un même code peut exister dans deux mailles. [source: catalogue, territoires.csv]
-- @ territoire: Clé du territoire en une seule colonne, maille-code. [source: calcul]
-- @ libelle_territoire: Nom du territoire. [source: catalogue, territoires.csv]
-- @ parent_maille: Maille du territoire qui le contient. [source: catalogue, mailles.yaml]
-- @ parent_code: Code du territoire qui le contient. [source: catalogue, territoires.csv]
-- @ parent: Clé du territoire qui le contient, maille-code. [source: calcul]
-- @ ancetres: Clés de tous les territoires qui le contiennent, du plus proche au plus grand. [source: catalogue, territoires.csv]
-- @ population: Habitants, vide si le catalogue ne les dit pas. [unité: habitants] [source: catalogue, territoires.csv]
-- @ zone_id: Identifiant de la zone sur le portail de données. [source: catalogue, territoires.csv]
with above as (
    select maille, code, list(maille_ancetre || '-' || code_ancetre order by distance) as ancetres
    from catalogue.ancetres
    group by maille, code
)

select
    e.edition,
    t.maille,
    t.code,
    t.maille || '-' || t.code as territoire,
    t.libelle_territoire,
    t.parent_maille,
    t.parent_code,
    t.parent_maille || '-' || t.parent_code as parent,
    coalesce(a.ancetres, []) as ancetres,
    t.population,
    t.zone_id
from catalogue.territoires as t
join catalogue.mailles as m on m.maille = t.maille
left join above as a on a.maille = t.maille and a.code = t.code
cross join catalogue.edition as e
order by m.rang, t.code
