"""What the site says to programs: its data as DCAT (`catalogue.jsonld`), its pages (`sitemap.xml`), its news (Atom).

Addresses are absolute where the catalogue gives `liens.site`; elsewhere there is no sitemap, and ids are `urn:`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markupsafe import escape

from barometre_pipeline.editions import Edition
from barometre_pipeline.french import edition_name
from barometre_pipeline.publish.site.data import SiteData
from barometre_pipeline.publish.site.pages import Page, indicator_path
from barometre_pipeline.slugs import slug

CATALOGUE = "catalogue.jsonld"
# What a barometer does, after its title, where its catalogue does not present it.
PURPOSE = "suit les résultats des politiques publiques, territoire par territoire, à partir des données des ministères."
_MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MEDIA |= {"parquet": "application/vnd.apache.parquet"}
_IANA = "https://www.iana.org/assignments/media-types/"


def address_of(data: SiteData, path: str) -> str | None:
    """Return the absolute address of a path of the site; None where the catalogue does not say where the site is."""
    site = data.catalogue.general.liens.site
    return f"{site.rstrip('/')}/{path}" if site else None


def dataset(data: SiteData) -> dict[str, Any]:
    """Return the edition as a Dataset of schema.org, for the pages that are about all of it."""
    general = data.catalogue.general
    found = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"{general.titre}, édition {data.edition}",
        "description": _description(data),
        "inLanguage": "fr",
        "isAccessibleForFree": True,
        "version": str(data.edition),
        "dateModified": data.edition.end.isoformat(),
        "license": general.licence.url or general.licence.libelle,
        "creator": {"@type": "Organization", "name": general.producteur},
        "spatialCoverage": data.catalogue.territoire_racine.libelle,
        "variableMeasured": [i.libelle for i in data.catalogue.indicateurs.values()],
    }
    site = address_of(data, "donnees.html")
    return found | ({"url": site} if site else {})


def _description(data: SiteData) -> str:
    """Return what the barometer is, in the catalogue's words or in ours: search engines want fifty letters of it."""
    general = data.catalogue.general
    return " ".join((general.presentation or f"{general.titre} {PURPOSE}").split())


def dcat(data: SiteData) -> bytes:
    """Return the edition as a catalogue of DCAT-AP: one dataset, a distribution for each file at the root."""
    general = data.catalogue.general
    id_ = _id(data, "catalogue")
    publisher = {"@type": ["foaf:Agent", "foaf:Organization"], "foaf:name": general.producteur}
    files = [path for path in data.paths if "/" not in path or path.startswith("json/")]
    one = {
        "@id": _id(data, "jeu"),
        "@type": "dcat:Dataset",
        "dct:title": _french(f"{general.titre}, édition {data.edition}"),
        "dct:description": _french(_description(data)),
        "dct:identifier": general.jeu_de_donnees,
        "dct:issued": _date(data),
        "dct:modified": _date(data),
        "dct:publisher": publisher,
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/QUARTERLY"},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/FRA"},
        "dcat:theme": [{"@id": "http://publications.europa.eu/resource/authority/data-theme/GOVE"}],
        "dcat:keyword": [_french(s.libelle) for s in data.catalogue.secteurs],
        "dcat:contactPoint": {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": general.contact.nom}
        | ({"vcard:hasEmail": {"@id": f"mailto:{general.contact.courriel}"}} if general.contact.courriel else {}),
        "dcat:version": str(data.edition),
        "dcat:distribution": [_distribution(data, path) for path in files],
    }
    if general.liens.jeu:
        one["dcat:landingPage"] = {"@id": general.liens.jeu}
    whole = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": id_,
        "@type": "dcat:Catalog",
        "dct:title": _french(general.titre),
        "dct:description": _french(f"Les données de : {general.titre}."),
        "dct:publisher": publisher,
        "dct:language": one["dct:language"],
        "dcat:dataset": [one],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _distribution(data: SiteData, path: str) -> dict[str, Any]:
    extension = path.rpartition(".")[2]
    site = data.catalogue.general.liens.site
    # Beside the site: its folder is one of the publication's.
    where = (
        f"{site.rstrip('/').rpartition('/')[0]}/{path}" if site and site.rstrip("/").endswith("/site") else f"../{path}"
    )
    licence = data.catalogue.general.licence
    return {
        "@type": "dcat:Distribution",
        "dct:title": _french(path),
        "dcat:accessURL": {"@id": where},
        "dcat:downloadURL": {"@id": where},
        "dcat:mediaType": {"@id": f"{_IANA}{_MEDIA.get(extension, 'application/octet-stream')}"},
        # A document, never a mere text: where it has no address, one that has a title only.
        "dct:license": {"@id": licence.url}
        if licence.url
        else {"@type": "dct:LicenseDocument", "dct:title": _french(licence.libelle)},
    }


def sitemap(data: SiteData, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """Yield the sitemap, where the site has an address."""
    if data.catalogue.general.liens.site:
        day = data.edition.end.isoformat()
        urls = "".join(
            f"<url><loc>{escape(address_of(data, p.path))}</loc><lastmod>{day}</lastmod></url>\n" for p in pages
        )
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        yield "site/sitemap.xml", f"{head}{urls}</urlset>\n".encode()


def atom_feeds(data: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield the Atom feeds of the editions, and of what each indicator's figures changed in this one."""
    titre = data.catalogue.general.titre
    about = f"Édition {data.edition} ({edition_name(str(data.edition))})."
    editions = [_entry(data, data.edition, str(data.edition), f"Édition {data.edition}", about, "nouveautes.html")]
    for one, tag in data.anterieures:
        about = f"Édition {one} ({edition_name(str(one))}), étiquette {tag} du dépôt des données."
        editions.append(_entry(data, one, str(one), f"Édition {one}", about, "editions.html"))
    yield "flux/editions.atom", _atom(data, "editions", f"{titre} : éditions", editions)
    labels = data.catalogue.indicateurs
    changes = [
        _entry(
            data,
            data.edition,
            f"{data.edition}/{id_}",
            f"{labels[id_].libelle} : édition {data.edition}",
            said,
            indicator_path(id_),
        )
        for id_, said in _told(data)
    ]
    yield "flux/revisions.atom", _atom(data, "revisions", f"{titre} : révisions", changes)


def _told(data: SiteData) -> Iterator[tuple[str, str]]:
    """Yield what NOUVEAUTES.md says of each indicator that it names, all sections together."""
    lines = [line for line in data.nouveautes.splitlines() if line.startswith("- **")]
    for id_ in data.catalogue.indicateurs:
        said = [line.partition(f"(`{id_}`) : ")[2].replace("\\", "") for line in lines if f"(`{id_}`) : " in line]
        if said:
            yield id_, " ".join(said)


def _entry(data: SiteData, edition: Edition, name: str, title: str, text: str, path: str) -> str:
    address = address_of(data, path)
    link = f'<link href="{escape(address)}"/>' if address else ""
    return (
        f"<entry><id>{escape(_id(data, name))}</id><title>{escape(title)}</title>{link}"
        f"<updated>{_instant(edition)}</updated><content>{escape(text)}</content></entry>\n"
    )


def _atom(data: SiteData, name: str, title: str, entries: Sequence[str]) -> bytes:
    author = escape(data.catalogue.general.producteur)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">\n'
        f"<id>{escape(_id(data, name))}</id><title>{escape(title)}</title><updated>{_instant(data.edition)}</updated>"
        f"<author><name>{author}</name></author>\n"
    )
    return f"{head}{''.join(entries)}</feed>\n".encode()


def _id(data: SiteData, name: str) -> str:
    """Return what a thing is called for ever: an address of the site, else a urn made of the dataset's name."""
    address = address_of(data, f"#{slug(name, kept='/_')}")
    return address or f"urn:uuid:{uuid5(NAMESPACE_URL, f'{data.catalogue.general.jeu_de_donnees}/{name}')}"


def _instant(edition: Edition) -> str:
    return f"{edition.end.isoformat()}T00:00:00Z"


def _date(data: SiteData) -> dict[str, str]:
    return {"@value": data.edition.end.isoformat(), "@type": "xsd:date"}


def _french(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}
