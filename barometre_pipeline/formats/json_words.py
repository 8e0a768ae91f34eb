"""The names under which services, French and English, write of a document's size and of what follows it.

They are compared without case, accents, punctuation and what `odata.` or `hydra:` says of their vocabulary: `nbTotal`,
`nb_total` and `Nb. total` are one. What their values say is told in `json_pages`.
"""

from __future__ import annotations

import re
import unicodedata

_PUNCTUATION = re.compile(r"[^a-z0-9]")
_VOCABULARY = re.compile(r"^(@?odata|hydra)[.:]")

# What a document counts of itself. `observations`, `réponses` and `entrées` are what a survey or a museum has.
_COUNTED: tuple[str, ...] = (
    "record",
    "row",
    "result",
    "item",
    "hit",
    "element",
    "feature",
    "document",
    "resultat",
    "ligne",
)
_COUNTED += ("enregistrement",)
_MANY = (*(f"{one}s" for one in _COUNTED), "entries")
_HOW_MANY: tuple[str, ...] = ("total", "num", "number", "numberof", "totalnumberof", "totalof", "totalcountof")
_HOW_MANY += ("nb", "nbre", "nbde", "nombre", "nombrede", "nombred", "nbtotal", "nbtotalde", "nombretotal")
_HOW_MANY += ("nombretotalde", "nombretotald", "totalde", "totald", "totaldes")

TOTALS = {"total", "totalcount", "count", "nhits", "numfound", "nummatched", "numbermatched", "totalsize", "countall"}
TOTALS |= {"nbtotal", "nbretotal", "nombretotal"}
TOTALS |= {f"{how}{one}" for how in _HOW_MANY for one in _MANY}
TOTALS |= {f"{one}{how}" for one in (*_COUNTED, *_MANY) for how in ("count", "total", "trouves", "found", "matched")}

_FOLLOWS: tuple[str, ...] = (
    "",
    "page",
    "url",
    "uri",
    "link",
    "href",
    "cursor",
    "cursormark",
    "token",
    "pagetoken",
    "pageurl",
)
_FOLLOWS += ("pagelink", "pagecursor", "pageid", "pagenumber", "marker", "key", "offset", "skip", "start", "set")
_FOLLOWS += ("startindex", "recordsurl", "records", "skiptoken", "continuationtoken", "batch", "recordposition")
NEXT = {f"next{what}" for what in _FOLLOWS}
NEXT |= {"resumptiontoken", "continuationtoken", "paginationtoken", "continuation", "continue"}
_SUIVANT = ("", "page", "lien", "url", "adresse", "curseur", "jeton", "lot")
NEXT |= {f"{what}{word}" for what in _SUIVANT for word in ("suivant", "suivante")}
NEXT |= {f"prochain{e}{what}" for what in _SUIVANT[1:] for e in ("", "e")}
# One that leads on, unless the document says by another name that it is whole: some write it to the end.
CURSORS = {"cursor", "curseur", "scrollid", "searchafter", "pagetoken"}

MORE = {"hasmore", "hasnext", "hasnextpage", "exceededtransferlimit", "istruncated", "truncated", "moreresults", "more"}
MORE |= {"incompleteresults", "partial", "ispartial", "incomplete", "isincomplete", "hasmoreresults", "hasmoreitems"}
MORE |= {"hasmoredata", "hasmorepages", "hasmorerecords", "morepages", "moreavailable", "morerecords", "moreitems"}
MORE |= {"tronque", "esttronque", "partiel", "estpartiel", "partielle", "incomplet", "estincomplet", "incomplete"}
MORE |= {"resultatspartiels", "resultatsincomplets", "suite", "asuite", "ilyaunesuite", "autrespages", "pluspages"}
MORE |= {"remainingitemcount", "remainingrecords", "remainingresults", "remainingitems", "resultatsrestants"}
MORE |= {"lignesrestantes", "enregistrementsrestants"}
# More follows where one of these is false.
LAST = {"last", "islast", "lastpage", "islastpage", "complete", "iscomplete", "done", "exhaustive", "finished"}
LAST |= {"isfinished", "eof", "complet", "estcomplet", "exhaustif", "derniere", "dernierepage", "estdernierepage"}
LAST |= {"termine", "fini"}

OFFSETS = {"offset", "skip", "start", "startindex", "decalage", "firstindex", "startrow", "startrecord"}
PAGES = {"totalpages", "pagecount", "pages", "numpages", "nbpages", "lastpage", "numberofpages", "totalpagecount"}
PAGES |= {"nbrepages", "nombrepages", "nombredepages", "nbdepages", "nombretotaldepages", "nbtotalpages"}
PAGES |= {"totaldepages", "pagestotal", "pagestotales", "totaldespages", "dernierepage"}
PAGE = {"page", "currentpage", "pagenumber", "pageno", "pageindex", "numeropage", "numerodepage", "pagecourante"}
PAGE |= {"pageactuelle"}

# Objects that speak of the document.
ABOUT = {"view", "meta", "metadata", "links", "pagination", "paging", "page", "pageinfo", "paginator", "cursors"}
ABOUT |= {"parameters", "properties", "hits", "resultset", "response", "info", "infos", "responsemetadata"}
ABOUT |= {"pagemetadata", "paginginfo", "paginationinfo", "searchmetadata", "liens", "metadonnees"}
ABOUT |= {"curseurs", "navigation"}


def comparable(name: str) -> str:
    """Return a name as it is compared with these."""
    decomposed = unicodedata.normalize("NFKD", _VOCABULARY.sub("", name.lower()))
    return _PUNCTUATION.sub("", decomposed)
