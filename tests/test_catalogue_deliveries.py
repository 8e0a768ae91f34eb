"""What a delivery says of levels and territories is held against mailles.yaml and territoires.csv, all at once."""

from pathlib import Path

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.errors import CatalogueError
from tests.countries import two_levels

HEAD = "ministere: Ministère\nlivraisons:\n"
VALUES = "{id: %s, contenu: valeurs, url: %s.csv, indicateur: nb-arbres, %s}"
DATED = "date: date, valeur: valeur"
WHICH_TERRITORY = (
    "which territory? give colonnes.territoire, colonnes.libelle or colonnes.zone; only a file of a level with one "
    "territory needs none (maille: nation)."
)


def problems(folder: Path, *deliveries: str) -> list[str]:
    two_levels().write(folder)
    written = "".join(f"- {VALUES % (f'd{n}', f'd{n}', keys)}\n" for n, keys in enumerate(deliveries, 1))
    (folder / "catalogue/livraisons/nature.yaml").write_text(HEAD + written, encoding="utf-8")
    try:
        load_catalogue(folder / "catalogue")
    except CatalogueError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    "keys",
    [
        f"colonnes: {{territoire: code, {DATED}}}",
        f"colonnes: {{libelle: nom, {DATED}}}",
        f"colonnes: {{zone: zone, {DATED}}}",
        f"maille: nation, colonnes: {{{DATED}}}",
        f"valeurs_maille: {{N: nation}}, colonnes: {{maille: m, {DATED}}}",
        f"format: xlsx, feuilles: {{N: nation, P: province}}, colonnes: {{territoire: code, {DATED}}}",
        f"format: xlsx, feuilles: {{N: nation}}, colonnes: {{{DATED}}}",
    ],
)
def test_a_delivery_says_enough(tmp_path, keys):
    assert problems(tmp_path, keys) == []


@pytest.mark.parametrize(
    "keys",
    [
        f"colonnes: {{{DATED}}}",
        f"maille: province, colonnes: {{{DATED}}}",
        f"colonnes: {{maille: m, {DATED}}}",
        f"valeurs_maille: {{N: nation, P: province}}, colonnes: {{maille: m, {DATED}}}",
        f"format: xlsx, feuilles: {{N: nation, P: province}}, colonnes: {{{DATED}}}",
    ],
)
def test_a_delivery_that_does_not_say_which_territory_is_told_with_what_would_be_right(tmp_path, keys):
    assert problems(tmp_path, keys) == [f"livraisons/nature.yaml, line 3: livraisons[1] (d1): {WHICH_TERRITORY}"]


def test_every_level_that_does_not_exist_is_told_at_once_with_its_key_and_the_closest(tmp_path):
    told = problems(
        tmp_path,
        f"maille: provinces, colonnes: {{territoire: code, {DATED}}}",
        f"format: xlsx, feuilles: {{N: nation, P: provinse}}, colonnes: {{territoire: code, {DATED}}}",
        f"valeurs_maille: {{P: departementale}}, colonnes: {{maille: m, territoire: code, {DATED}}}",
    )
    place, known = "livraisons/nature.yaml, line", "is not a level; they are nation, province"
    assert told == [
        f"{place} 3: livraisons[1] (d1): maille: 'provinces' {known}; the closest is 'province'.",
        f"{place} 4: livraisons[2] (d2): feuilles.P: 'provinse' {known}; the closest is 'province'.",
        f"{place} 5: livraisons[3] (d3): valeurs_maille.P: 'departementale' {known}.",
    ]


def test_a_table_of_territories_that_cannot_be_read_is_no_problem_of_the_deliveries(tmp_path):
    two_levels().write(tmp_path)
    (tmp_path / "catalogue/territoires.csv").write_bytes(b"maille,code\n\xff")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path / "catalogue")
    assert not [p for p in error.value.problems if p.startswith("livraisons/")]


def test_the_words_that_are_translated_lead_to_what_the_catalogue_knows(tmp_path):
    columns = f"colonnes: {{territoire: code, {DATED}}}"
    known = f"maille: province, {columns}"
    told = problems(
        tmp_path,
        f"valeurs_territoire: {{Nord: provinse/1}}, {known}",
        f"valeurs_territoire: {{Nord: absent}}, {known}",
        f"valeurs_indicateur: {{Arbres: nb-arbre}}, colonnes: {{indicateur: i, territoire: code, {DATED}}}",
    )
    assert [told_.partition(": valeurs_")[2] for told_ in told] == [
        "territoire.Nord: 'provinse' is not a level; they are nation, province; the closest is 'province'.",
        "territoire.Nord: 'absent' is not a territory of the level 'province' in territoires.csv.",
        "indicateur.Arbres: 'nb-arbre' is not an indicator of mesures/; the closest is 'nb-arbres'.",
    ]


def test_explanations_are_held_against_the_other_files(tmp_path):
    two_levels().write(tmp_path)
    (tmp_path / "catalogue/explications.yaml").write_text(
        "- {indicateur: nb-arbres, maille: province, texte: Retard, date_cible: 2021-12-31}\n"
        "- {indicateur: nb-arbre, maille: province, texte: Retard}\n"
        "- {indicateur: nb-arbres, maille: communes, texte: Retard}\n"
        "- {indicateur: nb-arbres, maille: province, territoire: 999, texte: Retard}\n"
        "- {indicateur: nb-arbres, maille: province, texte: Retard, lien: 'javascript:x'}\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path / "catalogue")
    told = " ".join(error.value.problems)
    assert len(error.value.problems) == 4
    for what in (
        "'nb-arbre' is not an indicator",
        "'communes' is not a level",
        "'999' is not in territoires.csv",
        "lien",
    ):
        assert what in told
