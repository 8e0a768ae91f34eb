"""The questions about inhabitants, on a catalogue that says how many there are."""

import json

import pytest

from tests.projects import project  # noqa: F401 - a fixture

TERRITOIRES = """maille,code,libelle,parent,zone_id,population
nationale,FR,Pays,,PAYS,1000
regionale,01,Nord,FR,R01,900
regionale,02,Sud,FR,R02,100
departementale,01,Aval,01,D01,600
departementale,02,Amont,01,D02,300
departementale,2A,L'Île-Haute,02,D2A,100
"""
OBJECTIFS = """id,maille,code,vi,cible,fin
nb-puits,departementale,1,1000,1200,2024-12-31
nb-puits,departementale,2,200,150,2024-12-31
nb-puits,departementale,2A,40,50,2024-12-31
"""


@pytest.mark.long
def test_inhabitants_count_where_the_catalogue_says_how_many(project):
    (project.catalogue / "territoires.csv").write_text(TERRITOIRES, encoding="utf-8")
    project.write("objectifs.csv", OBJECTIFS)
    assert project.run()[0] == 0

    def rows(name: str) -> list[dict]:
        return json.loads(project.barometre("sql", "--example", name, "--home", project.home, "--format", "json")[1])

    wells = {r["libelle_territoire"]: r for r in rows("pour-mille-habitants") if r["id_indicateur"] == "nb-puits"}
    assert {name: r["pour_mille_habitants"] for name, r in wells.items()} == {
        "Aval": 1833.33,
        "Amont": 833.33,
        "L'Île-Haute": 305.0,
    }
    # Half of the way for 600 people, all of it for 300, back for the other 100.
    means = {r["maille"]: (r["taux_moyen"], r["taux_par_habitant"]) for r in rows("avancement-par-habitant")}
    assert means["departementale"] == (50, 60)
    assert "nationale" not in means  # both means of a single territory are the same
    (back,) = rows("habitants-concernes")
    assert (back["id_indicateur"], back["territoires"], back["habitants"]) == ("nb-puits", 1, 100)
