-- What changed since the edition before, counted, to be told a line per indicator; of the official rate, which only follows, nothing.
-- One row per kind of change (`rang`, `champ`, `mouvement`, `nature`), indicateur and maille.
select
    c.rang,
    c.champ,
    case when c.avant is null then 'ajout' when c.apres is null then 'retrait' else 'changement' end as mouvement,
    c.nature,
    c.id_indicateur,
    any_value(c.libelle_indicateur) as libelle_indicateur,
    c.maille,
    count(*) as lignes,
    count(distinct c.code) as territoires,
    count(*) filter (where c.champ = 'cible' and if(i.sens = 'hausse', c.ecart < 0, c.ecart > 0)) as moins_ambitieuses,
    min(c.date) as premiere_date,
    max(c.date) as derniere_date,
    -- Of a change that is alone, itself.
    case when count(*) = 1 then any_value(c.libelle_territoire) end as libelle_territoire,
    case when count(*) = 1 then any_value(c.avant) end as avant,
    case when count(*) = 1 then any_value(c.apres) end as apres,
    list(distinct c.cause order by c.cause) filter (where c.cause != 'inconnue') as causes
from changements as c
left join catalogue.indicateurs as i on i.id_indicateur = c.id_indicateur
left join catalogue.mailles as m on m.maille = c.maille
where c.champ != 'pourcentage_cible' and (c."table" != 'indicateurs' or c.nature = 'deplacee')
group by c.rang, c.champ, mouvement, c.nature, c.id_indicateur, c.maille, i.ordre_mesure, i.ordre_indicateur, m.rang
order by c.rang, i.ordre_mesure, i.ordre_indicateur, c.id_indicateur, c.champ, mouvement, c.nature, m.rang
