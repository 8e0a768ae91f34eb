-- Quelle valeur actuelle donnait-on à la première publication, et quelle valeur donne-t-on à la même date aujourd’hui ?
-- Réponse : {libelle_indicateur}, au {date} : {valeur_connue_alors} alors, {valeur_connue_aujourd_hui} aujourd’hui.
select
    i.libelle_indicateur,
    a.territoire,
    a.date_valeur_actuelle as date,
    a.publication as publication_d_alors,
    a.valeur_actuelle as valeur_connue_alors,
    d.valeur as valeur_connue_aujourd_hui,
    a.id_indicateur
from synthese_connue((select arg_min(publication, (edition, length(publication), publication)) from editions)) as a
join indicateurs_derniere as i using (id_indicateur)
join detail_derniere as d on d.id_indicateur = a.id_indicateur and d.territoire = a.territoire and d.date = a.date_valeur_actuelle
where i.lecture = 'derniere_valeur'
    and a.maille = (select min(maille) from territoires_derniere)
order by d.valeur = a.valeur_actuelle, a.id_indicateur, a.territoire
