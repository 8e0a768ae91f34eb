"""What the dataset says of itself: words, and the space that it covers, from any catalogue."""

from dataclasses import replace
from datetime import date

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.portal.answers import Named
from barometre_pipeline.publish.portal.spatial import granularity_of, zone_of
from barometre_pipeline.publish.portal.texts import Texts, withdrawal
from barometre_pipeline.publish.tree.schema_file import public_schema
from tests.countries import Country, level
from tests.published_trees import CATALOGUE, SCHEMA

LEVELS = [
    Named(id="country", name="Pays"),
    Named(id="fr:region", name="Région"),
    Named(id="fr:departement", name="Department"),
    Named(id="other", name="Autre"),
]


def test_the_fineness_is_the_portals_level_that_has_the_name_of_the_one_with_the_most_territories():
    assert granularity_of(CATALOGUE, LEVELS) == "fr:departement"
    whole = replace(CATALOGUE, mailles=CATALOGUE.mailles[:1], territoires=CATALOGUE.territoires[:1])
    assert granularity_of(whole, LEVELS) == "country"
    assert granularity_of(CATALOGUE, LEVELS[:2]) == "other"


def test_the_fineness_may_be_that_of_the_zones_of_the_catalogue():
    renamed = [m.model_copy(update={"libelle": "tiers"}) for m in CATALOGUE.mailles]
    zoned = [t.model_copy(update={"zone_id": f"fr:departement:{t.code}"}) for t in CATALOGUE.territoires]
    assert (
        granularity_of(replace(CATALOGUE, mailles=tuple(renamed), territoires=tuple(zoned)), LEVELS) == "fr:departement"
    )


def test_the_zone_is_the_one_that_has_the_name_and_the_code_of_the_whole_or_its_id():
    found = [
        Named(id="fr:region:11", name="Île-de-France", code="11"),
        Named(id="fr:commune:1", name="France", code="1"),
        Named(id="country:fr", name="FRANCE", code="fr"),
    ]
    whole = CATALOGUE.territoire_racine
    assert zone_of(whole, found) == "country:fr"
    assert zone_of(whole, found[:2]) is None
    assert zone_of(whole.model_copy(update={"zone_id": "fr:region:11"}), found) == "fr:region:11"


def test_the_description_says_barometer_edition_levels_and_dates():
    said = Texts(CATALOGUE, Edition(2022, 1)).dataset(SCHEMA, date(2010, 1, 31), "")
    assert said.startswith(f"{CATALOGUE.general.titre}, édition 2022-T1 : ")
    assert "au niveau national, par région et par département, du 31/01/2010 au 31/03/2022." in said
    assert "- Synthèse : Une ligne par" in said and "Retrait" not in said


def test_another_country_has_its_own_words(tmp_path):
    mailles = (level("royaume"), level("province", "royaume"))
    Country(mailles, (("royaume", "R", "Le Royaume", ""), ("province", "1", "Un", "R")), "province").write(tmp_path)
    catalogue = load_catalogue(tmp_path / "catalogue")
    texts = Texts(catalogue, Edition(2022, 1))
    assert [texts.level(m.id) for m in catalogue.mailles] == ["Le Royaume", "provinces"]
    said = texts.dataset(public_schema(catalogue.mailles), date(2010, 1, 31), "")
    assert "au niveau « royaume » et par province" in said


@pytest.mark.parametrize(
    ("news", "told"),
    [
        ("# Nouveautés\n\n## Retrait de la publication 2022-T1.1\n\nMotif : faux.\n\nSuite.\n", "2022-T1.1 : faux."),
        (
            "# Nouveautés\r\n## Retrait de la publication 2022-T1\r\nMotif: deux\r\nlignes\r\n## A",
            "2022-T1 : deux lignes",
        ),
        ("# Nouveautés\n\n## Édition 2022-T1\n\n## Retrait de la publication 2022-T1\n\nMotif : x\n", None),
        ("# Nouveautés\n\n## Retrait de la publication 2022-T1\n\nSans motif.\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_withdrawal_is_read_where_the_news_begin_with_it(tmp_path, news, told):
    if news is not None:
        (tmp_path / "NOUVEAUTES.md").write_bytes(news.encode())
    assert withdrawal(tmp_path) == (f"Retrait de la publication {told}" if told else "")
