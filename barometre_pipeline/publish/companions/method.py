"""METHODE.md: how each column is computed, in French, with an example of this very edition for each case.

The formulas are those of the marts; the examples are looked for in their tables, the widest level first, those that a
reader can compute again before the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from barometre_pipeline.documents.markdown import in_markdown
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.french import counted, day, number
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.resources.duckdb_files import rows_of

METHOD = "METHODE.md"
TEMPLATES = Templates(
    Path(__file__).with_name("templates"),
    given=("general", "edition", "examples", "held", "rollups", "seuils", "sums", "statuses"),
    filters={"number": number, "day": day, "cell": in_markdown, "counted": counted},
    autoescape=False,
)

# The first row, in this order, for which each of these holds.
_CASES = {
    "plain": "progression != 0 and pourcentage_progression is not null",
    "reference": "pourcentage_progression_derniere_maj is not null",
    "rate": "pourcentage_cible between 1 and 99",
    "met_at_start": "signe * (cible - valeur_initiale) < 0 and pourcentage_cible is not null",
    "clamped": "signe * (cible - valeur_initiale) > 0 and pourcentage_cible = 0 and part_parcourue < 0",
    "equal": "cible = valeur_initiale",
    "without_target": "cible is null",
    "without_start": "valeur_initiale is null and valeur_actuelle is not null",
    "from_zero": "valeur_initiale = 0",
    "half": "arrondi is null and abs((valeur_actuelle - valeur_initiale) % 1) = 0.5",
    "yearly": "lecture = 'cumul_annuel' and base = '12_mois' and month(date_valeur_actuelle) < 12",
    "since_january": "lecture = 'cumul_annuel' and valeur_actuelle is not null",
    "late": "statut = 'en retard'",
    "expected": "date_prevue is not null",
}
_ROWS = """
    select
        s.*, i.sens, i.lecture, i.arrondi, if(i.sens = 'hausse', 1, -1) as signe, m.rang, m.libelle_maille,
        p.vc, p.dvc, p.base, p.tau as part_parcourue, p.phi, p.rythme, p.statut, p.retard, p.valeur_attendue,
        p.ecart_points, p.date_prevue, p.calendrier
    from synthese as s
    join catalogue.indicateurs as i on i.id_indicateur = s.id_indicateur
    join catalogue.mailles as m on m.maille = s.maille
    join progression as p on p.id_indicateur = s.id_indicateur and p.maille = s.maille and p.code = s.code
"""
# An indicator whose published values are rounded comes last: its columns are not computed from what is shown.
_ORDER = "row(arrondi is not null, rang, ordre_mesure, ordre_indicateur, code)"
_SUM = """
    select
        a.*, i.libelle_indicateur, i.unite, t.libelle_territoire, m.libelle_maille, m.libelle_maille_pluriel, d.valeur
    from agregations as a
    join detail as d
        on d.id_indicateur = a.id_indicateur and d.maille = a.maille and d.code = a.code and d.date = a.date
    join catalogue.indicateurs as i on i.id_indicateur = a.id_indicateur
    join catalogue.territoires as t on t.maille = a.maille and t.code = a.code
    join catalogue.mailles as m on m.maille = a.maille_source
    where a.methode = 'somme'
    order by a.ordre_mesure, a.ordre_indicateur, a.maille, a.code, a.date desc
    limit 1
"""
# A policy whose indicators all weigh the same.
_ROLLUP = """
    select m.libelle_mesure, m.libelle_territoire, m.taux, list(r.taux order by r.id_indicateur) as rates
    from avancement_mesures as m
    join int_taux as r on r.id_mesure = m.id_mesure and r.maille = m.maille and r.code = m.code and r.poids > 0
    join catalogue.mailles as l on l.maille = m.maille
    join catalogue.indicateurs as i on i.id_indicateur = r.id_indicateur
    where m.taux is not null
    group by all
    having count(*) > 1 and count(distinct r.poids) = 1
    order by min(l.rang), min(i.ordre_mesure), min(m.code)
    limit 1
"""
# The rows whose current value is not the last one known.
_HELD = """
    select count(*) as lignes
    from synthese as s
    where s.date_valeur_actuelle < (
        select max(d.date)
        from detail as d
        where d.id_indicateur = s.id_indicateur and d.maille = s.maille and d.code = s.code
    )
"""
_STATUSES = "select statut, count(*) as lignes from progression group by statut order by statut"


def method(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Yield METHODE.md."""
    connection = contents.connection
    text = TEMPLATES.render(
        METHOD,
        general=contents.catalogue.general,
        edition=contents.edition,
        examples=_examples(contents),
        held=rows_of(connection, _HELD)[0]["lignes"],
        seuils=contents.catalogue.general.seuils,
        sums=rows_of(connection, _SUM),
        rollups=rows_of(connection, _ROLLUP),
        statuses={row["statut"]: row["lignes"] for row in rows_of(connection, _STATUSES)},
    )
    yield METHOD, text.encode()


def _examples(contents: Contents) -> Mapping[str, Mapping[str, Any] | None]:
    """Return the first row of each case, None where the edition has none."""
    firsts = ", ".join(f"arg_min(r, {_ORDER}) filter (where {test}) as {case}" for case, test in _CASES.items())
    (found,) = rows_of(contents.connection, f"with r as ({_ROWS}) select {firsts} from r")
    return found
