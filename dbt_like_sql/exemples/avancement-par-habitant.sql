-- L’avancement moyen des territoires change-t-il quand chaque habitant y compte autant ?
-- Réponse : Maille {maille} : {taux_moyen} % en moyenne des territoires ; taux moyen par habitant : {taux_par_habitant}.
select
    a.maille,
    count(a.taux) as territoires,
    round(favg(a.taux order by a.code), 1) as taux_moyen,
    round(
        fsum(a.taux * t.population order by a.code)
        / nullif(fsum(t.population order by a.code) filter (a.taux is not null), 0), 1
    ) as taux_par_habitant
from avancement_territoires_derniere as a
join territoires_derniere as t using (territoire)
group by a.maille
-- In the whole, a single territory, both means are the same.
having count(a.taux) > 1
order by a.maille
