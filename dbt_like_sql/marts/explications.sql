-- Why the targets that are due are not met: as those who answer for them say, else the notice that they are asked.
-- One row per explanation of a missed target; a notice where a target has none.
-- @ origine: declaree, ou avis (aucune explication n’a été donnée). [source: livraison, catalogue ou calcul]
-- @ texte: L’explication, ou l’avis. [source: livraison ou catalogue]
-- @ date: Jour de l’explication ; d’un avis, la fin de l’édition. [unité: jour] [source: livraison ou catalogue]
-- @ lien: Adresse où en lire davantage. [source: livraison ou catalogue]
-- @ contact: À qui écrire. [source: catalogue]
select distinct
    m.edition,
    m.id_indicateur,
    m.maille,
    m.code,
    m.territoire,
    m.date_cible,
    if(x.texte is null, 'avis', 'declaree') as origine,
    case
        when x.texte is not null then x.texte
        when m.echeance = 'passee'
            then 'L’échéance de la cible est passée et elle n’est pas atteinte. L’administration qui en répond en examine les raisons ; elle n’en a pas encore donné.'
        when m.date_valeur_actuelle >= m.date_cible
            then 'L’échéance de la cible est passée et les valeurs connues ne permettent pas de dire si elle est atteinte. L’administration qui en répond l’examine.'
        else 'L’échéance de la cible est passée et aucune valeur aussi récente n’est encore connue : le résultat reste à constater. L’administration qui en répond l’examine.'
    end as texte,
    if(x.texte is null, e.fin, x.date) as date,
    x.lien,
    concat_ws(' ', i.contact_nom, '<' || i.contact_courriel || '>') as contact
from cibles_manquees as m
join catalogue.indicateurs as i on i.id_indicateur = m.id_indicateur
cross join catalogue.edition as e
left join stg_explications as x
    on x.id_indicateur = m.id_indicateur
    and x.maille = m.maille
    and x.code = m.code
    and coalesce(x.date_cible, m.date_cible) = m.date_cible
order by m.id_indicateur, m.maille, m.code, m.date_cible, date, texte, lien
