"""What the site takes of a warehouse, and tells of it: of the revisions, the first of each indicator, in French."""

import re
from collections import Counter

import duckdb

from barometre_pipeline.publish.site.reading import read_revisions
from barometre_pipeline.publish.site.rendering import FOLDER, TEMPLATES


def test_each_indicator_has_its_first_revisions_however_many_another_has():
    connection = duckdb.connect()
    connection.execute("""
        create table changements as
        select
            if(champ = 'cible', 1, 3) as rang, champ, 'revisee' as nature, id_indicateur, maille, code,
            'T' || code as libelle_territoire, date '2022-03-31' as date, '1' as avant, '2' as apres,
            'inconnue' as cause
        from (
            select 'beaucoup' as id_indicateur, 'cible' as champ, 'dep' as maille, n::varchar as code
            from range(900) as t(n)
            union all values
                ('beaucoup', 'valeur', 'pays', 'X'), ('peu', 'valeur', 'pays', 'X'), ('peu', 'valeur', 'dep', '1'),
                ('loin', 'valeur', 'dep', '1')
        )
    """)
    found = read_revisions(connection, "pays")
    assert Counter(row["id_indicateur"] for row in found) == {"beaucoup": 40, "peu": 1}
    assert {row["id_indicateur"]: row["en_tout"] for row in found} == {"beaucoup": 901, "peu": 2}
    assert {row["champ"] for row in found if row["id_indicateur"] == "beaucoup"} == {"cible"}


def test_a_revision_is_told_as_french_readers_write_numbers_dates_and_words():
    told = [
        ("cible", "200000.0", "202000.5"),
        ("date_cible", "2021-12-31", None),
        ("unite", "bornes", "points de recharge"),
    ]
    assert [[TEMPLATES.filters["held"](field, text) for text in sides] for field, *sides in told] == [
        ["200\u202f000", "202\u202f000,5"],
        ["31/12/2021", "—"],
        ["bornes", "points de recharge"],
    ]
    assert TEMPLATES.filters["noun_of"]("date_cible") == "échéance"
    shown = re.findall(r"{{ (r\.(?:champ|avant|apres).*?) }}", (FOLDER / "indicateur.html").read_text("utf-8"))
    assert shown == ["r.champ | noun_of", "r.champ | held(r.avant)", "r.champ | held(r.apres)"]
