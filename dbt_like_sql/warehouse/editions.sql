-- What was published, and in which order.
-- One row per publication; a corrected edition has several, of which the one in force has no remplacee_par and is not retiree.
-- @ edition: Édition, un trimestre. [source: étiquettes du dépôt]
-- @ publication: Nom de la publication, 2022-T1 puis 2022-T1.1 pour une correction. [source: étiquettes du dépôt]
-- @ debut: Premier jour du trimestre. [source: édition]
-- @ fin: Dernier jour du trimestre. [source: édition]
-- @ commit: Ce que l’étiquette désigne dans le dépôt. [unité: hexadécimal] [source: dépôt]
-- @ etiquette: Étiquette du dépôt. [source: étiquettes du dépôt]
-- @ sha256_catalogue: Empreinte du catalogue dont elle est faite. [unité: hexadécimal] [source: manifeste.json de la publication]
-- @ remplacee_par: Publication qui tient sa place, vide pour celle qui est en vigueur. [source: étiquettes du dépôt]
-- @ retiree: Vrai où elle a été retirée de la publication. [source: étiquettes du dépôt]
-- @ publique: Vrai pour celle que le public voit, que les vues …_derniere montrent. [source: branche du dépôt]
-- @ provenance: construction (calculée ici) ou depot (relue dans le dépôt : elle n’a que ce qui est publié et les tables du catalogue). [source: entrepôt]
-- @ empreinte: Empreinte de ce dont ses lignes sont faites ici ; la même, et elles sont gardées. [unité: hexadécimal] [source: entrepôt]
select
    edition,
    publication,
    debut,
    fin,
    "commit",
    publication as etiquette,
    sha256_catalogue,
    case
        when en_vigueur is null or publication = en_vigueur then null
        when correction > correction_en_vigueur then en_vigueur
        else first_value(case when not retiree then publication end ignore nulls) over (
            partition by edition order by correction rows between 1 following and unbounded following
        )
    end as remplacee_par,
    retiree,
    publique,
    provenance,
    empreinte
from depot.publications
order by edition, correction
