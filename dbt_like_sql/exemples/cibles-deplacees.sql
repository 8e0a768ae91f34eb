-- Quels indicateurs ont eu des cibles fixées, retirées ou déplacées depuis l’édition précédente ?
-- Réponse : {libelle_indicateur}, maille {maille} : {cibles} cibles, dont {fixees} fixées, {retirees} retirées, {deplacees} déplacées.
select
    i.libelle_indicateur,
    r.maille,
    count(*) as cibles,
    count(*) filter (r.nature = 'fixee') as fixees,
    count(*) filter (r.nature = 'retiree') as retirees,
    count(*) filter (r.nature = 'deplacee') as deplacees,
    r.id_indicateur
from revisions_derniere as r
join indicateurs_derniere as i using (id_indicateur)
where r.champ = 'cible' and r.nature in ('fixee', 'retiree', 'deplacee')
group by i.libelle_indicateur, r.maille, r.id_indicateur
order by cibles desc, r.id_indicateur, r.maille
