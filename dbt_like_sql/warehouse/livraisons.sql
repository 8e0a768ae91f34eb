-- The deliveries that an edition is made of: what was received, what was read in it.
-- One row per edition and livraison.
-- @ edition: Édition, un trimestre. [source: édition calculée]
-- @ livraison: Identifiant de la livraison. [source: catalogue, livraisons]
-- @ ministere: Qui livre. [source: catalogue, livraisons]
-- @ contenu: Ce qu’elle apporte, valeurs, objectifs ou explications. [source: catalogue, livraisons]
-- @ adresse: Où elle est prise, comme le catalogue l’écrit. [source: catalogue, livraisons]
-- @ edition_origine: Édition pour laquelle ses fichiers ont été reçus. [source: manifeste de réception]
-- @ en_retard: Vrai où les fichiers d’une édition antérieure tiennent lieu de ceux qui manquent. [source: manifeste de réception]
-- @ fichiers: Noms des fichiers reçus. [source: manifeste de réception]
-- @ sha256: Empreinte de chaque fichier, dans le même ordre. [unité: hexadécimal] [source: manifeste de réception]
-- @ recus_le: Jour, à Paris, où chaque contenu a été reçu pour la première fois. [unité: jour] [source: manifeste de réception]
-- @ modifies_le: Date de dernière modification que le serveur a dite de chaque fichier, vide s’il n’en dit pas.
--   [unité: instant, en temps universel] [source: en-tête Last-Modified]
-- @ octets: Taille de l’ensemble. [unité: octets] [source: manifeste de réception]
-- @ lignes: Valeurs ou objectifs lus. [unité: lignes] [source: lecture]
-- @ non_suivies: Lignes laissées de côté à dessein, filtre ou ce que le catalogue ignore. [unité: lignes] [source: lecture]
-- @ rejets: Cellules ou lignes mises de côté, avec leur motif dans la table rejets. [unité: rejets] [source: lecture]
-- @ indicateurs: Identifiants des indicateurs dont elle parle. [source: lecture]
with spoken_of as (
    select distinct livraison, id_indicateur from raw.valeurs
    union
    select distinct livraison, id_indicateur from raw.objectifs
    union
    select distinct livraison, id_indicateur from raw.explications
),

about as (
    select livraison, list(id_indicateur order by id_indicateur) as indicateurs
    from spoken_of
    group by livraison
),

rejected as (
    select livraison, count(*) as rejets
    from stg_rejets
    group by livraison
)

select
    e.edition,
    l.livraison,
    l.ministere,
    l.contenu,
    l.adresse,
    l.edition_origine,
    l.edition_origine != e.edition as en_retard,
    l.fichiers,
    l.sha256,
    l.recus_le::date[] as recus_le,
    [try_strptime(m, '%a, %d %b %Y %H:%M:%S GMT') for m in l.modifies_le] as modifies_le,
    l.octets,
    l.lignes,
    coalesce(l.filtrees, 0) + coalesce(l.ignorees, 0) as non_suivies,
    coalesce(r.rejets, 0) as rejets,
    coalesce(a.indicateurs, []) as indicateurs
from raw.livraisons as l
left join about as a on a.livraison = l.livraison
left join rejected as r on r.livraison = l.livraison
cross join catalogue.edition as e
order by l.livraison
