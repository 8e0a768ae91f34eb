"""An edition at the edges, made up: what the engines must compute the same of, to the last digit."""

import random
import struct
from dataclasses import replace

import duckdb

from barometre_pipeline.catalogue import Correction, Exception_
from barometre_pipeline.transform import run_models
from tests.small_world import MODELS, a_catalogue, a_value, an_indicator, an_objective, load_world, month_end

_DRAWN = random.Random(18)
# The edges of rounding, of decimals and of texts, then doubles of all sizes.
_EDGES = [
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    0.05,
    0.15,
    1.005,
    2.675,
    1e-5,
    1e-4,
    0.0001234,
    1e7,
    12345678.9,
    1e13,
    9.3e12,
]
_EDGES += [
    92233720368547.75,
    1e15,
    9999999999999998.0,
    1e16,
    1.5e-7,
    1e22,
    -1e17,
    0.1 + 0.2,
    4.35,
    1e-6,
    5e-7,
    5.21056995741925e16,
]


def _any_double() -> float:
    while True:
        (x,) = struct.unpack("d", _DRAWN.randbytes(8))
        if 1e-4 <= abs(x) < 1e16:
            return x


NUMBERS = _EDGES + [round(_DRAWN.uniform(-1e6, 1e6), _DRAWN.randrange(7)) for _ in range(300)]
NUMBERS += [_DRAWN.uniform(-(10**e), 10**e) for e in range(-3, 15) for _ in range(20)]
NUMBERS += [_any_double() for _ in range(100)]
INDICATEURS = (
    an_indicator("telle_quelle", agregation_territoriale="somme", arrondi=1, recopie_maille_superieure=True),
    an_indicator("cumul", serie="cumul", multiplicateur=1e-3, premieres_valeurs_ecartees=1),
    an_indicator("cumul_annuel", serie="cumul_annuel", lecture="cumul_annuel", multiplicateur=0.1),
    an_indicator("decumul", serie="decumul", sens="baisse", premiere_date=month_end("2020-06"), unite="% des classes"),
    an_indicator("decumul_annuel", serie="decumul_annuel", lecture="cumul_annuel", agregation_territoriale="somme"),
    an_indicator("annuel", lecture="cumul_annuel", periode="trimestre"),
    an_indicator("part", unite="%", agregation_territoriale="moyenne_ponderee", poids="habitants", bornes=(0, 100)),
    an_indicator("habitants", multiplicateur=1e6, mailles=("departementale", "nationale")),
)
PLACES = ("departementale 01", "departementale 02", "departementale 03", "regionale 01")
MONTHS = [f"{year}-{month:02}" for year in (2020, 2021) for month in range(3, 13, 3)] + [
    "2022-01",
    "2022-02",
    "2022-03",
]


# What was published before differs from it in every way: gone, new, changed, redefined, of another territory.
_BEFORE = (
    "update precedente.edition set edition = '2021-T4', publication = '2021-T4', commit = 'c'",
    """
    insert into precedente.detail by name
    select
        id_indicateur, maille, code, date,
        valeur * case rang % 4 when 0 then 1.5 when 1 then 1 + 1e-9 else 1 end + if(rang % 9 = 0, 12.25, 0) as valeur
    from (select *, row_number() over (order by id_indicateur, maille, code, date) as rang from detail)
    where rang % 5 != 0
    union all by name
    select id_indicateur, maille, '77' as code, date, -0.0 as valeur from detail where maille = 'regionale'
    """,
    """
    insert into precedente.agregations by name
    select id_indicateur, maille, code, date, maille_source, enfants + 1 as enfants
    from detail
    where origine = 'agregee'
    """,
    """
    insert into precedente.synthese by name
    select
        id_indicateur, maille, code, if(code = '01', cible + 0.1, cible) as cible, date_cible - 1 as date_cible,
        valeur_initiale, date_valeur_initiale, nullif(pourcentage_cible, 0) as pourcentage_cible
    from synthese
    where code != '02'
    """,
    """
    insert into precedente.indicateurs by name
    select
        id_indicateur, libelle_indicateur || if(id_indicateur = 'cumul', ' *', '') as libelle_indicateur, unite,
        if(id_indicateur = 'annuel', 'cumul', serie) as serie, lecture, multiplicateur
    from indicateurs
    where id_indicateur != 'habitants'
    """,
    """
    insert into precedente.livraisons by name
    select 'l' as livraison, 'valeurs' as contenu, ['autre'] as sha256, list(distinct id_indicateur) as indicateurs
    from raw.valeurs
    """,
    """
    update raw.livraisons
    set sha256 = ['x'], recus_le = ['2022-04-02'], modifies_le = ['Sun, 06 Nov 1994 08:49:37 GMT', 'hier', null],
        fichiers_lus = ['f.csv'], priorite = 'premier'
    """,
    """
    insert into raw.explications by name
    select id_indicateur, maille, code, date_cible, 'Parce que.' as texte, 'l' as livraison, 1 as rang
    from raw.objectifs
    where code = '02'
    """,
    """
    insert into raw.engagements by name
    select unnest(['10', '9', 'x']) as id_engagement, 'Planter' as libelle, 'en_cours' as statut, 1 as rang
    """,
    """
    insert into raw.actions by name
    select '9' as id_engagement, 'Creuser' as libelle, null as statut, unnest([3, 1]) as rang
    """,
)
# What the rules of types find: behind the models' back.
FAULTS = (
    "update detail set libelle_territoire = null where id_indicateur = 'cumul' and code = '01'",
    "update detail set valeur = null, date = null where id_indicateur = 'annuel' and maille = 'regionale'",
    "insert into detail from detail where id_indicateur = 'part' and code = '02'",
    "update synthese set pourcentage_cible = 104 where id_indicateur = 'part'",
    "update avancement_secteurs set indicateurs = -1",
    "delete from stg_valeurs",
)
ACCEPTED = Exception_(regle="taux_hors_bornes", indicateur="part", territoire="02", motif="connu", jusqu_a="2022-T1")


def made_up(connection: duckdb.DuckDBPyConnection) -> None:
    """An edition at the edges: every serie, weights, copies, corrections, duplicates, contradictions, large numbers."""
    drawn, values, objectives = random.Random(4), [], []
    for indicator in INDICATEURS:
        for where in PLACES[: 3 if indicator.agregation_territoriale else 4]:
            for when in MONTHS:
                values.append(
                    a_value(where, when, drawn.choice(NUMBERS[2:]) if drawn.random() < 0.9 else 0, indicator.id)
                )
            given = {"valeur_initiale": values[-9]["valeur"], "date_valeur_initiale": values[-9]["date"]}
            given |= {
                "cible": drawn.choice([0.0, -0.0, 1e8, -5.5, None]),
                "date_cible": month_end(drawn.choice(("2021-12", "2022-12"))),
            }
            objectives.append(an_objective(where, indicator.id, **given))
    values += [dict(values[3]), values[7] | {"valeur": 1.5}, values[11] | {"valeur": -0.0}]
    objectives += [objectives[2] | {"cible": 3.0}, objectives[4] | {"date_cible": month_end("2021-12"), "cible": 2.0}]
    place = {"indicateur": "cumul", "maille": "departementale", "territoire": "01", "motif": "une faute"}
    spoilt = [v for v in values if (v["id_indicateur"], v["maille"], v["code"]) == ("cumul", "departementale", "01")]
    corrections = tuple(
        Correction(**place, date=v["date"], attendu=v["valeur"], valeur=new)
        for v, new in zip(spoilt, (12.25, None), strict=False)
    )
    catalogue = replace(a_catalogue(*INDICATEURS, corrections=corrections), exceptions=(ACCEPTED,))
    load_world(connection, catalogue, values, objectives)
    for statement in _BEFORE:
        connection.execute(statement)
    for _ in run_models(connection, MODELS):
        pass
