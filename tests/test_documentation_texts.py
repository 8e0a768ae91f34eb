"""The texts of the default catalogue: one for each indicator, in words of its own, to be validated by its producer."""

import json
import re

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from tests.projects import project  # noqa: F401
from tests.small_world import a_catalogue, an_indicator

DEFAUT = load_catalogue(DEFAULT_CATALOGUE)


def test_a_unit_with_a_mark_whose_note_nobody_gave_says_so_everywhere():
    assert an_indicator(unite="heures *").note == "Le fournisseur n'a pas donné la note que signale « * »."
    assert an_indicator(unite="heures *", note_unite="De nuit.").note == "De nuit."
    assert an_indicator(unite="heures").note is None
    (row,) = catalogue_tables(a_catalogue(an_indicator(unite="h *")), Edition(2022, 1))["indicateurs"].to_pylist()
    assert "pas donné la note" in row["note_unite"]


def test_every_indicator_of_the_default_catalogue_is_described_in_words_of_its_own():
    assert len(DEFAUT.indicateurs) == 57
    for key in ("description", "production", "precautions"):
        texts = [getattr(i, key) for i in DEFAUT.indicateurs.values()]
        assert all(texts) and len(set(texts)) == len(texts), key
    descriptions = [m.description for m in DEFAUT.mesures]
    assert all(descriptions) and len(set(descriptions)) == len(descriptions)


def test_no_two_descriptions_are_alike():
    words = {id_: set(re.findall(r"\w{4,}", (i.description or "").lower())) for id_, i in DEFAUT.indicateurs.items()}
    for one, mine in words.items():
        for other, theirs in words.items():
            assert one >= other or len(mine & theirs) / len(mine | theirs) < 0.5, (one, other)


def test_every_text_of_the_default_catalogue_waits_for_its_producer_and_holds_no_result():
    for indicateur in DEFAUT.indicateurs.values():
        assert indicateur.statut_documentation == "proposee"
        assert indicateur.metadonnees and all(indicateur.metadonnees.model_dump().values()), indicateur.id
        said = " ".join(filter(None, (indicateur.description, indicateur.production, indicateur.precautions)))
        assert not re.search(r"\d\s*%", said.replace("100 % santé", "")), indicateur.id
    assert {m.statut_documentation for m in DEFAUT.mesures} == {"proposee"}


def test_the_networks_that_are_counted_and_the_question_of_the_survey_are_there():
    assert len(DEFAUT.indicateurs["tx-transparence-resultats"].perimetre) == 21
    assert DEFAUT.indicateurs["tx-satisfaction-usagers-services-publics"].question


def test_a_text_that_nobody_validated_is_listed_as_such(project):
    status, output, _ = project.barometre("catalogue", "missing", "--home", project.home, "--format", "json")
    found = json.loads(output)
    assert status == 0
    assert {one["etat"] for one in found if one["texte"] != "note_unite"} == {"à valider"}
    assert {one["indicateur"] for one in found if one["etat"] == "à valider"} >= set(DEFAUT.indicateurs)
