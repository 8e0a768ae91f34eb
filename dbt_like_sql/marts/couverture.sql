-- Where each indicator is published, where it has no value, and where it isn't meant to be.
-- One row per indicateur and territoire of the levels that the indicator has.
-- @ territoire: Clé d’un territoire en une colonne : maille-code. [source: catalogue]
-- @ etat: publié, sans valeur ou non concerné. [source: calcul]
-- @ valeurs: Valeurs publiées. [unité: valeurs] [source: calcul]
-- @ premiere_date: Première date publiée dans le territoire. [unité: jour] [source: livraison]
-- @ derniere_date: Dernière date publiée dans le territoire. [unité: jour] [source: livraison]
with published as (
    select id_indicateur, maille, code, count(*) as valeurs, min(date) as premiere_date, max(date) as derniere_date
    from detail
    group by id_indicateur, maille, code
)

select
    e.edition,
    i.id_indicateur,
    t.maille,
    t.code,
    t.maille || '-' || t.code as territoire,
    case
        when p.valeurs is not null then 'publié'
        when n.code is not null then 'non concerné'
        else 'sans valeur'
    end as etat,
    coalesce(p.valeurs, 0) as valeurs,
    p.premiere_date,
    p.derniere_date
from catalogue.indicateurs as i
join catalogue.territoires as t on i.mailles is null or list_contains(i.mailles, t.maille)
left join published as p on p.id_indicateur = i.id_indicateur and p.maille = t.maille and p.code = t.code
left join catalogue.territoires_non_concernes as n
    on n.id_indicateur = i.id_indicateur and n.maille = t.maille and n.code = t.code
cross join catalogue.edition as e
order by i.ordre_mesure, i.ordre_indicateur, t.maille, t.code
