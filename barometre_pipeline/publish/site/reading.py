"""Takes what the site shows from a build's warehouse, in a few queries over whole tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.companions.method import method
from barometre_pipeline.publish.companions.news import news
from barometre_pipeline.publish.documentation.facts import read_facts
from barometre_pipeline.publish.documentation.words import warnings
from barometre_pipeline.publish.site.data import Figure, Row, SiteData, levels_read, levels_with_pages
from barometre_pipeline.publish.tree.layout import PlannedFile
from barometre_pipeline.resources.duckdb_files import rows_of

# Revisions told one by one on an indicator's page; all of them are in REVISIONS.csv.
_MOST_REVISIONS = 40

_FIGURES = """
    with series as (
        select id_indicateur, maille, code, list(date order by date) as dates, list(valeur order by date) as valeurs,
            max(date) as dernier
        from detail
        where list_contains($levels, maille)
        group by all
    ),
    told as (
        select id_indicateur, maille, code, string_agg(texte, chr(10) order by texte) as explication,
            min(origine) as explication_origine, max(date) as explication_date, max(lien) as explication_lien
        from explications
        group by all
    ),
    changed as (
        select id_indicateur, maille, code,
            any_value(avant) filter (where champ = 'cible') as cible_avant,
            bool_or(champ = 'cible') as cible_changee,
            any_value(avant) filter (where champ = 'date_cible' and apres is not null)::date as echeance_avant,
            bool_or(champ = 'valeur_initiale' and avant is not null and apres is not null) as depart_change,
            count(*) filter (where champ = 'valeur' and avant is null) as ajoutees,
            count(*) filter (where champ = 'valeur' and avant is not null and apres is not null) as revisees,
            count(*) filter (where champ = 'valeur' and apres is null) as retirees
        from changements
        where maille is not null
        group by all
    )
    select
        d.id_indicateur, d.maille, d.code, s.id_indicateur is not null as suivi,
        coalesce(s.valeur_actuelle, if(s.id_indicateur is null, l.lecture, null)) as valeur_actuelle,
        coalesce(s.date_valeur_actuelle, if(s.id_indicateur is null, d.dernier, null)) as date_valeur_actuelle,
        s.valeur_initiale, s.date_valeur_initiale, s.progression, s.pourcentage_progression, s.progression_derniere_maj,
        s.pourcentage_progression_derniere_maj, s.progression_derniere_maj_date,
        s.cible, s.pourcentage_cible, s.date_cible,
        p.statut, p.retard, p.echeance, p.fraicheur, c.rang, c.ex_aequo, c.n, d.dates, d.valeurs,
        t.explication, t.explication_origine, t.explication_date, t.explication_lien,
        g.cible_avant, g.cible_changee, g.echeance_avant, g.depart_change,
        coalesce(g.ajoutees, 0), coalesce(g.revisees, 0), coalesce(g.retirees, 0)
    from series as d
    join catalogue.indicateurs as i on i.id_indicateur = d.id_indicateur
    left join int_lectures as l
        on l.id_indicateur = d.id_indicateur and l.maille = d.maille and l.code = d.code and l.date = d.dernier
    left join synthese as s on s.id_indicateur = d.id_indicateur and s.maille = d.maille and s.code = d.code
    left join progression as p on p.id_indicateur = d.id_indicateur and p.maille = d.maille and p.code = d.code
    left join classement as c on c.id_indicateur = d.id_indicateur and c.maille = d.maille and c.code = d.code
    left join told as t on t.id_indicateur = d.id_indicateur and t.maille = d.maille and t.code = d.code
    left join changed as g on g.id_indicateur = d.id_indicateur and g.maille = d.maille and g.code = d.code
    order by i.ordre_mesure, i.ordre_indicateur, list_position($levels, d.maille), d.code
"""
_ROLLUP = "select * from {} where list_contains($levels, maille) order by all"
_MESURES = (
    "select id_mesure, maille, code, taux, taux_partiel, attendus, connus from avancement_mesures where maille = $whole"
)
_REVISIONS = f"""
    with counted as (
        select *, count(*) over (partition by id_indicateur) as en_tout
        from changements
    )
    select rang, champ, nature, id_indicateur, maille, code, libelle_territoire, date, avant, apres, cause, en_tout
    from counted
    where champ in ('cible', 'date_cible', 'libelle', 'unite')
        or champ = 'valeur' and maille = $whole and nature in ('revisee', 'retiree')
    qualify row_number() over (partition by id_indicateur order by rang, champ, nature, maille, code, date)
        <= {_MOST_REVISIONS}
    order by all
"""
_ALERTS = "select regle, phrase, count(*) as lignes from anomalies group by regle, phrase order by regle, phrase"
_EARLIER = "select edition, publication from precedente.publications order by edition desc"
_CHECKS = """
    select regle, min(titre) as titre, min(severite) as severite, sum(nombre)::bigint as nombre
    from qualite.controles group by regle order by severite desc, titre collate noaccent, regle
"""


def read_site(contents: Contents) -> SiteData:
    """Read an edition whose data files are planned."""
    connection, catalogue = contents.connection, contents.catalogue
    shown = {"levels": [m.id for m in levels_with_pages(catalogue)]}
    read = {"levels": [m.id for m in levels_read(catalogue)]}
    whole = {"whole": catalogue.maille_racine.id}
    facts = read_facts(connection)
    return SiteData(
        catalogue=catalogue,
        edition=contents.edition,
        provenance=contents.provenance,
        figures=[Figure(*row) for row in connection.execute(_FIGURES, read).fetchall()],
        indicateurs=facts.indicateurs,
        sources=facts.sources,
        avertissements={id_: list(warnings(id_, contents.edition, facts)) for id_ in catalogue.indicateurs},
        secteurs=rows_of(connection, _ROLLUP.format("avancement_secteurs"), shown),
        territoires=rows_of(connection, _ROLLUP.format("avancement_territoires"), shown),
        mesures=rows_of(connection, _MESURES, whole),
        nouveautes=_text(news(contents)),
        methode=_text(method(contents)),
        changements=rows_of(connection, "from nouveautes"),
        revisions=read_revisions(connection, catalogue.maille_racine.id),
        alertes=rows_of(connection, _ALERTS),
        controles=rows_of(connection, _CHECKS),
        engagements=facts.engagements,
        actions=facts.actions,
        anterieures=[(Edition.parse(name), tag) for name, tag in connection.execute(_EARLIER).fetchall()],
        paths={f.path: f.rows for f in contents.plan.files},
        fichiers=_files_by_territory(contents.plan.files),
        tables=tuple(_tables(contents)),
    )


def read_revisions(connection: duckdb.DuckDBPyConnection, whole: str) -> Sequence[Row]:
    """Return the first revisions of each indicator: its targets, then its values for the level of the whole."""
    return rows_of(connection, _REVISIONS, {"whole": whole})


def _text(files: Iterable[tuple[str, bytes]]) -> str:
    ((_, content),) = files
    return content.decode()


def _files_by_territory(files: Iterable[PlannedFile]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for file in files:
        for _, part, _ in file.parts:
            if part.maille and part.code and part.secteur is None and file.format == "csv":
                found.setdefault((part.maille, part.code), []).append(file.path)
    return found


def _tables(contents: Contents) -> list[tuple[str, str, str]]:
    schema = contents.schema
    return [(t.titre, t.description, t.chemin) for t in schema.tables.values() if t.chemin]
