"""A small catalogue with awkward territories, and small files written by hand, for the readers' tests."""

import io
import zipfile
from datetime import date
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue, Indicateur, Livraison, Mesure, Secteur, Territoire
from barometre_pipeline.catalogue.model import Contact, General, Licence
from barometre_pipeline.readers import Reading, read_delivery

TERRITOIRES = (
    Territoire(maille="nationale", code="FR", libelle="France", zone_id="FRANCE"),
    Territoire(maille="regionale", code="01", libelle="Guadeloupe", parent="FR", zone_id="R01"),
    Territoire(maille="regionale", code="93", libelle="Provence-Alpes-Côte d'Azur", parent="FR", zone_id="R93"),
    Territoire(maille="departementale", code="01", libelle="Ain", parent="93", zone_id="D01"),
    Territoire(maille="departementale", code="2A", libelle="Corse-du-Sud", parent="93", zone_id="D2A"),
    Territoire(maille="departementale", code="971", libelle="Guadeloupe", parent="01", zone_id="D971"),
)
ESSAI = General(
    titre="Essai",
    prefixe="essai",
    jeu_de_donnees="essai",
    producteur="Essai",
    licence=Licence(id="lov2", libelle="Licence Ouverte"),
    contact=Contact(nom="Essai"),
)
SECTEUR = Secteur(id="s", libelle="Secteur", dossier="s", prefixe="s")
COLUMNS = {"maille": "maille", "territoire": "code", "date": "date", "valeur": "valeur"}
MARCH = date(2021, 3, 31)

_CONTENT_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORKBOOK = f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>{{}}</sheets></workbook>'


def a_catalogue(*indicators: str, **given) -> Catalogue:
    """A catalogue that knows the indicators `i` and `j` and those given, with the territories above or others."""
    known = tuple(
        Indicateur(id=i, libelle=i, unite="unités", sens="hausse", lecture="derniere_valeur")
        for i in ("i", "j", *indicators)
    )
    return Catalogue(
        general=ESSAI,
        secteurs=(SECTEUR,),
        **{"territoires": TERRITOIRES, **given},
        mesures=(Mesure(id="m", libelle="Mesure", secteur="s", ordre=1, indicateurs=known),),
        livraisons=(),
    )


def a_delivery(**given) -> Livraison:
    """A csv delivery of values of the indicator `i`, but for what is given; None removes a key."""
    base = {"id": "essai", "contenu": "valeurs", "ministere": "Essai", "url": "f.csv", "indicateur": "i"}
    whole = {**base, "colonnes": COLUMNS, **given}
    return Livraison(**{key: value for key, value in whole.items() if value is not None})


def read(folder: Path, content: bytes | str, **given) -> Reading:
    """Read these bytes as the file of `a_delivery(**given)`."""
    delivery = a_delivery(**given)
    path = folder / f"f.{delivery.file_format}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_delivery(delivery, [path], a_catalogue())


def values(reading: Reading) -> list[tuple]:
    """The (maille, territoire, date, valeur) of what was read."""
    return [(r["maille"], r["code"], r["date"], r["valeur"]) for r in reading.rows.to_pylist()]


def rules(reading: Reading) -> list[tuple]:
    """The (regle, ligne, colonne, contenu) of what was rejected."""
    return [(r["regle"], r["ligne"], r["colonne"], r["contenu"]) for r in reading.rejects.to_pylist()]


def zipped(members: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx(sheets: dict[str, str], **members: str) -> bytes:
    """A workbook of these sheets, each the XML of its rows."""
    ranks = list(enumerate(sheets, 1))
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in ranks)
    ties = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in ranks
    )
    document = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    return zipped(
        {
            "[Content_Types].xml": _CONTENT_TYPES,
            "_rels/.rels": _RELATIONS.format(document),
            "xl/workbook.xml": _WORKBOOK.format(listed),
            "xl/_rels/workbook.xml.rels": _RELATIONS.format(ties),
            **{
                f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>{sheets[name]}'
                "</sheetData></worksheet>"
                for n, name in ranks
            },
            **members,
        }
    )


def xml_row(number: int, *cells: str | float | None) -> str:
    """The XML of a row; a text that begins with # is a spreadsheet's error."""
    return f'<row r="{number}">{"".join(_xml_cell(number, c, cell) for c, cell in enumerate(cells))}</row>'


def _xml_cell(row: int, column: int, cell: str | float | None) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"<c {place}><v>{cell}</v></c>"
    if cell.startswith("#"):
        return f'<c {place} t="e"><v>{cell}</v></c>'
    return f'<c {place} t="inlineStr"><is><t>{cell}</t></is></c>'
