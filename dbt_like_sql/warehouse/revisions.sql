-- What changed from an edition to the next: values, objectives, labels and units, each with what it was and why.
-- One row per pair of editions that follow one another, table, champ, indicateur, maille, territoire and date.
-- @ edition_avant: Édition comparée. [source: étiquettes du dépôt]
-- @ edition_apres: Édition qui la suit. [source: étiquettes du dépôt]
-- @ table: Où est le changement, detail, synthese ou indicateurs. [source: entrepôt]
-- @ champ: Ce qui change, valeur, cible, date_cible, valeur_initiale, date_valeur_initiale, pourcentage_cible, libelle ou unite. [source: entrepôt]
-- @ id_indicateur: Identifiant de l’indicateur. [source: catalogue, mesures]
-- @ maille: Niveau du territoire, vide pour un changement de l’indicateur lui-même. [source: catalogue, mailles.yaml]
-- @ code: Code du territoire dans sa maille. [source: catalogue, territoires.csv]
-- @ date: Fin de la période de la valeur, vide hors du détail. [source: publication]
-- @ avant: Ce qui était publié, en toutes lettres, vide s’il n’y avait rien. [unité: celle de l’indicateur] [source: publication]
-- @ apres: Ce qui est publié, en toutes lettres, vide s’il n’y a plus rien. [unité: celle de l’indicateur] [source: publication]
-- @ ecart: Différence, apres moins avant, de deux nombres. [unité: celle de l’indicateur] [source: calcul]
-- @ ecart_pct: Différence en part de ce qui était publié. [unité: %] [source: calcul]
-- @ nature: D’une valeur, la première qui vaut parmi indicateur_nouveau, indicateur_retire, serie_redefinie (série, lecture ou
--   multiplicateur changés), territoire_nouveau, territoire_retire, periode_nouvelle (après la dernière date de cette clé),
--   ajout_retroactif, retiree, arrondi (au plus un millionième), revisee ; d’un autre champ fixee, retiree ou deplacee,
--   sauf indicateur_… et territoire_…. [source: calcul]
-- @ cause: Le motif d’une correction, fichier livré modifié, autre livraison, ou inconnue. [source: catalogue et manifestes de réception]
with editions_compared as (
    select edition_avant as edition from paires
    union
    select edition_apres from paires
),

published as (
    select edition, 'detail' as "table", 'valeur' as champ, id_indicateur, maille, code, date, valeur as nombre, null as texte
    from detail
    semi join editions_compared using (edition)
    union all by name
    select edition, 'synthese' as "table", champ, id_indicateur, maille, code, nombre, texte
    from (
        select
            edition,
            id_indicateur,
            maille,
            code,
            unnest([
                {'champ': 'cible', 'nombre': cible, 'texte': null},
                {'champ': 'date_cible', 'nombre': null, 'texte': date_cible::varchar},
                {'champ': 'valeur_initiale', 'nombre': valeur_initiale, 'texte': null},
                {'champ': 'date_valeur_initiale', 'nombre': null, 'texte': date_valeur_initiale::varchar},
                {'champ': 'pourcentage_cible', 'nombre': pourcentage_cible, 'texte': null}
            ], recursive := true)
        from synthese
        semi join editions_compared using (edition)
    )
    union all by name
    select edition, 'indicateurs' as "table", champ, id_indicateur, texte
    from (
        select
            edition,
            id_indicateur,
            unnest([
                {'champ': 'libelle', 'texte': libelle_indicateur}, {'champ': 'unite', 'texte': unite}
            ], recursive := true)
        from indicateurs
        semi join editions_compared using (edition)
    )
),

before as (
    select p.edition_avant, p.edition_apres, v.* exclude (edition)
    from published as v
    join paires as p on p.edition_avant = v.edition
),

after as (
    select p.edition_avant, p.edition_apres, v.* exclude (edition)
    from published as v
    join paires as p on p.edition_apres = v.edition
),

changed as (
    select
        coalesce(a.edition_avant, b.edition_avant) as edition_avant,
        coalesce(a.edition_apres, b.edition_apres) as edition_apres,
        coalesce(a."table", b."table") as "table",
        coalesce(a.champ, b.champ) as champ,
        coalesce(a.id_indicateur, b.id_indicateur) as id_indicateur,
        coalesce(a.maille, b.maille) as maille,
        coalesce(a.code, b.code) as code,
        coalesce(a.date, b.date) as date,
        a.nombre as nombre_avant,
        b.nombre as nombre_apres,
        coalesce(a.texte, a.nombre::varchar) as avant,
        coalesce(b.texte, b.nombre::varchar) as apres
    from before as a
    full join after as b
        on b.edition_avant = a.edition_avant
        and b.edition_apres = a.edition_apres
        and b."table" = a."table"
        and b.champ = a.champ
        and b.id_indicateur = a.id_indicateur
        and b.maille is not distinct from a.maille
        and b.code is not distinct from a.code
        and b.date is not distinct from a.date
    where (a.nombre, a.texte) is distinct from (b.nombre, b.texte)
),

territories as (
    select edition, 'detail' as "table", id_indicateur, maille, code, max(date) as derniere_date
    from detail
    semi join editions_compared using (edition)
    group by edition, id_indicateur, maille, code
    union all by name
    select edition, 'synthese' as "table", id_indicateur, maille, code
    from synthese
    semi join editions_compared using (edition)
),

-- What is delivered for each indicator: by which deliveries, of which contents.
delivered as (
    select
        l.edition,
        l.contenu,
        l.id_indicateur,
        list(l.livraison order by l.livraison) as livraisons,
        list(l.sha256 order by l.livraison) as contenus
    from (select edition, contenu, livraison, sha256, unnest(indicateurs) as id_indicateur from livraisons) as l
    semi join editions_compared using (edition)
    group by l.edition, l.contenu, l.id_indicateur
),

corrected as (
    select edition, id_indicateur, maille, code, date, string_agg(motif, ' ; ' order by motif) as motif
    from corrections
    group by edition, id_indicateur, maille, code, date
)

select
    c.edition_avant,
    c.edition_apres,
    c."table",
    c.champ,
    c.id_indicateur,
    c.maille,
    c.code,
    c.date,
    c.avant,
    c.apres,
    c.nombre_apres - c.nombre_avant as ecart,
    100 * (c.nombre_apres - c.nombre_avant) / nullif(abs(c.nombre_avant), 0) as ecart_pct,
    case
        when ia.id_indicateur is null then 'indicateur_nouveau'
        when ib.id_indicateur is null then 'indicateur_retire'
        when c."table" = 'detail' and (ia.serie, ia.lecture, ia.multiplicateur) is distinct from (ib.serie, ib.lecture, ib.multiplicateur)
            then 'serie_redefinie'
        when c.maille is not null and ta.code is null then 'territoire_nouveau'
        when c.maille is not null and tb.code is null then 'territoire_retire'
        when c.avant is null and c.date > ta.derniere_date then 'periode_nouvelle'
        when c.avant is null and c."table" = 'detail' then 'ajout_retroactif'
        when c.avant is null then 'fixee'
        when c.apres is null then 'retiree'
        when c."table" != 'detail' then 'deplacee'
        when abs(c.nombre_apres - c.nombre_avant) <= 1e-6 * greatest(abs(c.nombre_avant), 1) then 'arrondi'
        else 'revisee'
    end as nature,
    case
        when r.motif is not null then 'correction : ' || r.motif
        when la.livraisons = lb.livraisons and la.contenus != lb.contenus then 'fichier livré modifié'
        when la.livraisons != lb.livraisons then 'autre livraison'
        else 'inconnue'
    end as cause
from changed as c
left join indicateurs as ia on ia.edition = c.edition_avant and ia.id_indicateur = c.id_indicateur
left join indicateurs as ib on ib.edition = c.edition_apres and ib.id_indicateur = c.id_indicateur
left join territories as ta
    on ta.edition = c.edition_avant and ta."table" = c."table" and ta.id_indicateur = c.id_indicateur
    and ta.maille = c.maille and ta.code = c.code
left join territories as tb
    on tb.edition = c.edition_apres and tb."table" = c."table" and tb.id_indicateur = c.id_indicateur
    and tb.maille = c.maille and tb.code = c.code
left join corrected as r
    on r.edition = c.edition_apres and r.id_indicateur = c.id_indicateur and r.maille = c.maille and r.code = c.code
    and r.date = c.date and c.champ = 'valeur'
left join delivered as la
    on la.edition = c.edition_avant and la.id_indicateur = c.id_indicateur
    and la.contenu = case when c.champ in ('valeur', 'pourcentage_cible') then 'valeurs' else 'objectifs' end
    and c."table" != 'indicateurs'
left join delivered as lb
    on lb.edition = c.edition_apres and lb.id_indicateur = c.id_indicateur
    and lb.contenu = la.contenu
order by
    c.edition_apres, c."table", c.champ, c.id_indicateur, c.maille, c.code, c.date
