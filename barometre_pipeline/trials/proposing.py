"""The YAML of a delivery, proposed from a file: what is sure, and comments where it is not.

What is printed is a whole file of `livraisons/`, which `catalogue check` accepts. What the columns hold is told
in `recognition`, how the file is written in `files`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.formats.cells import Cell, clean, text_of
from barometre_pipeline.readers.dates import mark_after
from barometre_pipeline.readers.place_names import plain_name
from barometre_pipeline.trials.files import SeenFile, seen_file
from barometre_pipeline.trials.filling import filled_down
from barometre_pipeline.trials.leaving import leave_unknown
from barometre_pipeline.trials.numbering import holds_a_number, tell_numbers
from barometre_pipeline.trials.recognition import (
    NUMBER_MARKS,
    OBJECTIVE_HEADINGS,
    Columns,
    Guess,
    date_column,
    date_format,
    either_first,
    is_number,
    is_percentage,
    keys_of_a_row,
    part_of_year,
)

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ./%-]*( [\wÀ-ÿ./%()-]+)*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
_EXPLAINS = re.compile(r"\b(explications?|justifications?|motifs?|texte)\b")
_OF_OBJECTIVES = re.compile(r"\bvaleur (initiale|cible)\b")
_TYPE_OF_VALUE = re.compile("v[a-z]{1,2}")  # vi, va, vc: initial, present, target
_OTHER_TARGETS = (
    "d'autres colonnes en parlent : une cible par ligne est attendue, ou une livraison par colonne, `date_constante` "
    "disant l'échéance"
)
_FEW = 12  # distinct words of a column that may tell rows apart
_ORDER = (
    *("id", "contenu", "url", "format", "fichier", "encodage", "separateur"),
    *("decimale", "milliers", "format_date", "date_constante", "manquants"),
    *("drapeaux", "unites_ecrites"),
    *("feuille", "feuilles", "feuilles_indicateur", "ligne_entete", "lignes_entete", "racine"),
    *("disposition", "entetes", "remplir", "filtre", "ignorer"),
    *("indicateur", "maille", "valeurs_maille", "colonnes"),
)


def proposed_delivery(path: Path, catalogue: Catalogue) -> str:
    """Return the YAML of a delivery that reads this file; ReadingError or UsageError where it cannot be looked at."""
    seen = seen_file(path)
    columns = Columns(seen.sheet, catalogue)
    guess = keys_of_a_row(columns)
    guess.keys |= {"id": _id(path, catalogue), "url": _address(path), "format": seen.format.name, **seen.keys}
    guess.doubts["url"] = "où est-elle ? adresse, ou chemin relatif à --sources"
    _sheets(seen, columns, guess)
    left = [p for p in columns.filled if p not in guess.roles.values()]
    for shape in (_wide, _objectives, _explanations, _long):
        if shape(columns, guess, left):
            break
    _leave_untitled(columns, guess)
    tell_numbers(columns, guess, left)
    leave_unknown(seen.sheet, columns, guess, left)
    if remplir := filled_down(seen.sheet, columns, guess, left):
        guess.keys["remplir"] = remplir
    told = "indicateur" in guess.roles or guess.keys.get("entetes") == "indicateur"
    if not told and "feuilles_indicateur" not in guess.keys:
        _indicator(path, seen, columns, guess, left)
    return _yaml(guess, _named(seen, guess))


def _leave_untitled(columns: Columns, guess: Guess) -> None:
    """Tell that what stands under no heading is left, such as the numbers that R and pandas give to rows."""
    if any(cells and not clean(text_of(h)) for h, cells in zip(columns.raw_headings, columns.cells, strict=True)):
        ignored = guess.keys.setdefault("ignorer", {})
        ignored["colonnes"] = [*ignored.get("colonnes", []), ""]
        guess.doubts.setdefault("ignorer", "une colonne n'a pas d'intitulé : est-ce le numéro des lignes ?")


def _sheets(seen: SeenFile, columns: Columns, guess: Guess) -> None:
    """Tell what the names of several sheets of the same headings are: levels, or indicators."""
    levels = {name: level for name in seen.alike if (level := columns.level(name))}
    if len(seen.alike) > 1 and len(levels) == len(seen.alike) and not {"maille", "zone"} & guess.roles.keys():
        guess.keys["feuilles"] = levels
        guess.keys.pop("maille", None)
    elif len(seen.alike) > 1 and "indicateur" not in guess.roles:
        guess.keys["feuilles_indicateur"] = {
            name: _nearest(name, columns.catalogue, list(columns.catalogue.indicateurs)) for name in seen.alike
        }
        guess.doubts["feuilles_indicateur"] = "à vérifier : les noms des feuilles ne sont pas ceux des indicateurs"
    elif seen.others:
        guess.doubts["feuille"] = f"il y a aussi : {', '.join(seen.others)}"
    if {"feuilles", "feuilles_indicateur"} & guess.keys.keys():
        guess.keys.pop("feuille")
        _more_levels(seen, columns, guess)


def _more_levels(seen: SeenFile, columns: Columns, guess: Guess) -> None:
    """Translate the words of a column of levels that only other sheets have."""
    position = guess.roles.get("maille")
    if position is None or "valeurs_maille" not in guess.keys:
        return
    for sheet in seen.alike.values():
        words = {text_of(cell).strip() for cell in sheet.columns[position].distinct}
        more = sorted(words - guess.keys["valeurs_maille"].keys())
        guess.keys["valeurs_maille"] |= {word: level for word in more if (level := columns.level(word))}


def _nearest(name: str, catalogue: Catalogue, among: Sequence[str]) -> str:
    """Return the one of these indicators whose id and label share most words with a name, then most letters."""
    words = {word.rstrip("s") for word in plain_name(name).split() if len(word) > 2}

    def likeness(id_: str) -> tuple[int, float]:
        known = plain_name(f"{id_} {catalogue.indicateurs[id_].libelle}")
        shared = sum(any(one.startswith(word) for one in known.split()) for word in words)
        return shared, difflib.SequenceMatcher(None, plain_name(name), plain_name(id_)).ratio()

    return max(among, key=likeness)


def _id(path: Path, catalogue: Catalogue) -> str:
    wanted = plain_name(path.name.split(".")[0]).replace(" ", "-") or "livraison"
    wanted = re.sub(r"[^a-z0-9-]", "", wanted) or "livraison"
    taken = {re.sub(r"[-.]", "_", d.id.lower()) for d in catalogue.livraisons}
    names = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name.replace("-", "_") not in taken)


def _address(path: Path) -> str:
    """Return a file's name as an address, in which a brace would begin what stands for the edition."""
    return path.name.replace("{", "%7B").replace("}", "%7D")


def _wide(columns: Columns, guess: Guess, left: list[int]) -> bool:
    """Tell whether the headings that are no key are dates, or indicators."""
    headings = {p: columns.raw_headings[p] for p in left}
    indicators = [p for p in left if columns.is_indicator(headings[p])]
    dated, form = _dated_headings(columns, left)
    marks = _marked_headings(columns, left, dated, form)
    dated += marks
    if len(indicators) >= 2 or (len(indicators) == 1 and not columns.hinted(left, "valeur")):
        guess.keys |= {"contenu": "valeurs", "disposition": "large", "entetes": "indicateur"}
        position, form = date_column(columns, [p for p in left if p not in indicators])
        if position is not None:
            guess.roles["date"] = position
        values = indicators
    elif len(dated) >= 2 or (dated and date_column(columns, [p for p in left if p not in dated])[0] is None):
        guess.keys |= {"contenu": "valeurs", "disposition": "large", "entetes": "date"}
        values = dated
        if marks:
            guess.keys["drapeaux"] = list(dict.fromkeys(marks.values()))
            guess.doubts["drapeaux"] = "est-ce une marque (provisoire, révisé), qui ne change rien à la date ?"
    else:
        return False
    _dates(
        guess,
        form,
        [headings[p] for p in dated if p not in marks] if values is dated else _cells(columns, guess, "date"),
    )
    others = [text_of(headings[p]) for p in left if p not in values and p not in guess.roles.values()]
    if others:
        guess.keys["ignorer"] = {"colonnes": others}
        guess.doubts["ignorer"] = "ces colonnes ne sont pas reconnues"
    left[:] = values
    return True


def _dated_headings(columns: Columns, left: list[int]) -> tuple[list[int], str | None]:
    best: tuple[list[int], str | None] = ([], None)
    forms = dict.fromkeys(date_format(columns, [columns.raw_headings[p]], "date") for p in left)
    for found, form in forms:
        dated = [p for p in left if date_format(columns, [columns.raw_headings[p]], "date") == (found, form)]
        if found and len(dated) > len(best[0]):
            best = dated, form
    return best


def _marked_headings(columns: Columns, left: list[int], dated: list[int], form: str | None) -> dict[int, str]:
    """Return the marks after other headings that are such dates without them: (p) of « 2021 (p) »."""
    found = {p: mark_after(text_of(columns.raw_headings[p]).strip()) for p in left if p not in dated} if dated else {}
    return {p: mark for p, (day, mark) in found.items() if mark and date_format(columns, [day], "date") == (True, form)}


def _objectives(columns: Columns, guess: Guess, left: list[int]) -> bool:
    """Tell whether headings speak of targets, and of no value beside them."""
    if columns.hinted([p for p in left if "cible" not in columns.headings[p]], "valeur") and not any(
        _OF_OBJECTIVES.search(columns.headings[p]) for p in left
    ):
        return False
    found: dict[str, int] = {}
    for role, pattern in OBJECTIVE_HEADINGS.items():
        position = next((p for p in left if p not in found.values() and pattern.search(columns.headings[p])), None)
        if position is not None:
            found[role] = position
    if not {"valeur_initiale", "cible"} & found.keys():
        return False
    guess.keys["contenu"] = "objectifs"
    if any(OBJECTIVE_HEADINGS["cible"].search(columns.headings[p]) for p in left if p not in found.values()):
        guess.doubts["cible"] = _OTHER_TARGETS
    if "date_cible" not in found:  # one target a year, say
        position, _ = date_column(columns, [p for p in left if p not in found.values()])
        found |= {} if position is None else {"date_cible": position}
    guess.roles |= found
    dates = [p for role, p in found.items() if role.startswith("date")]
    cells = [cell for p in dates for cell in columns.cells[p]]
    _dates(guess, date_format(columns, cells, "date")[1], cells)
    left[:] = [p for role, p in found.items() if not role.startswith("date")]
    return True


def _explanations(columns: Columns, guess: Guess, left: list[int]) -> bool:
    """Tell whether a heading speaks of explanations, and nothing is a number."""
    texte = next((p for p in left if _EXPLAINS.search(columns.headings[p])), None)
    dated = [p for p in left if date_format(columns, columns.cells[p], columns.headings[p])[0]]
    if texte is None or any(columns.share(p, holds_a_number) >= 0.5 for p in left if p not in dated):
        return False
    guess.keys["contenu"] = "explications"
    guess.roles["texte"] = texte
    of_target = [p for p in dated if OBJECTIVE_HEADINGS["date_cible"].search(columns.headings[p])]
    others = [p for p in dated if p not in of_target]
    links = [p for p in left if all(text.startswith(("http://", "https://")) for text in columns.texts[p])]
    for role, positions in (("date_cible", of_target), ("date", others), ("lien", links)):
        guess.roles |= {role: positions[0]} if positions else {}
    cells = [cell for role in ("date_cible", "date") for cell in _cells(columns, guess, role)]
    _dates(guess, date_format(columns, cells, "date")[1], cells)
    left.clear()
    return True


def _long(columns: Columns, guess: Guess, left: list[int]) -> bool:
    """Take a date and a value; what cannot be found is named all the same, as the delivery needs it."""
    guess.keys["contenu"] = "valeurs"
    position, form = date_column(columns, left)
    if position is not None:
        guess.roles["date"] = position
        left.remove(position)
        if date_column(columns, columns.hinted(left, "date"))[0] is not None:
            guess.doubts["date"] = "plusieurs colonnes de dates : est-ce la bonne ?"
    if position is not None and form == "%Y" and (part := part_of_year(columns, position, left)) is not None:
        guess.beside_year, form = part, None
        left.remove(part)
    _dates(guess, form, _cells(columns, guess, "date"))
    numbers = [p for p in left if max(columns.share(p, is_number(marks)) for marks in NUMBER_MARKS) >= 0.5]
    numbers = numbers or [p for p in left if columns.share(p, holds_a_number) >= 0.5]
    hinted = columns.hinted(numbers, "valeur")
    chosen = (hinted or numbers)[:1]
    if chosen:
        guess.roles["valeur"] = chosen[0]
    if len(hinted or numbers) > 1:
        guess.doubts["valeur"] = "plusieurs colonnes de nombres : est-ce la bonne ?"
    unread = [p for p in columns.hinted(left, "date") if p not in chosen]
    if position is None and unread:
        guess.roles["date"] = unread[0]
        guess.doubts["date"] = "comment est-elle écrite ? `format_date` le dirait"
        left.remove(unread[0])
    words = [columns.raw_headings[p] for p in left if p not in numbers and 1 < len(columns.cells[p]) <= _FEW]
    if words:
        told = ", ".join(clean(text_of(heading)) for heading in words)
        guess.doubts["colonnes"] = f"{told} : si certaines lignes seulement comptent, `filtre` le dirait"
    for position in left:
        said = {text.lower(): text for text in columns.texts[position]}
        if len(said) > 1 and "va" in said and all(map(_TYPE_OF_VALUE.fullmatch, said)):
            guess.keys["filtre"] = {clean(text_of(columns.raw_headings[position])): [said["va"]]}
            guess.doubts["filtre"] = "va : la valeur actuelle, entre autres (vi, vc)"
    left[:] = chosen
    return True


def _cells(columns: Columns, guess: Guess, role: str) -> list[Cell]:
    return columns.cells[guess.roles[role]] if role in guess.roles else []


def _dates(guess: Guess, form: str | None, cells: Sequence[Cell]) -> None:
    if form is not None:
        guess.keys["format_date"] = form
        doubts = ["année sur deux chiffres"] if form.endswith("%y") else []
        doubts += ["rien ne dit si le jour vient avant le mois"] if either_first(cells, form) else []
        if doubts:
            guess.doubts["format_date"] = " ; ".join(doubts)


def _indicator(path: Path, seen: SeenFile, columns: Columns, guess: Guess, values: list[int]) -> None:
    """Name the indicator of a file that does not say it: the one that looks most like its name.

    Percentages are of an indicator that is measured in them: of another one, each would be rejected.
    """
    known = columns.catalogue.indicateurs
    sheet = seen.sheet.name if seen.others else ""
    names = [path.name.split(".")[0], str(guess.keys.get("fichier", "")).rsplit(".", 1)[0], sheet or ""]
    in_percent = [id_ for id_, indicator in known.items() if indicator.unite.startswith("%")]
    are_percentages = any(columns.share(p, is_percentage(guess.keys)) > 0.5 for p in values)
    among = (in_percent if are_percentages else None) or list(known)
    exact = next((name for name in names if name in known), None)
    guess.keys["indicateur"] = exact or _nearest(" ".join(names).replace("-", " "), columns.catalogue, among)
    if guess.keys["indicateur"] not in names:
        guess.doubts["indicateur"] = "à vérifier : le fichier ne le dit pas"


def _named(seen: SeenFile, guess: Guess) -> dict[str, Any]:
    headings = [clean(text_of(heading)) for heading in seen.sheet.raw_headings]
    named: dict[str, Any] = {role: headings[position] for role, position in guess.roles.items()}
    return named if guess.beside_year is None else named | {"date": [named["date"], headings[guess.beside_year]]}


def _yaml(guess: Guess, colonnes: dict[str, Any]) -> str:
    needed = {"date", "valeur"} if guess.keys["contenu"] == "valeurs" else set()
    needed -= {"valeur"} if guess.keys.get("disposition") == "large" else set()
    needed -= {"date"} if guess.keys.get("entetes") == "date" else set()
    missing = needed - colonnes.keys()
    if "date" in missing and not {"valeur"} & {*missing, *guess.doubts}:  # several columns of numbers may be dates'
        missing.remove("date")
        guess.keys["date_constante"] = "fin_edition"
        guess.doubts["date_constante"] = "aucune colonne de dates n'est reconnue : tout est-il de la fin de l'édition ?"
    for role in sorted(missing):
        colonnes[role] = role
        guess.doubts[role] = "aucune colonne n'est reconnue : laquelle est-ce ?"
    keys = guess.keys | {"colonnes": colonnes}
    lines = ['ministere: "À compléter"', "livraisons:"]
    for key in _ORDER:
        if key in keys:
            lines += _lines(key, keys[key], "- " if key == "id" else "  ", guess.doubts)
    return "\n".join(lines) + "\n"


def _lines(key: str, value: Any, indent: str, doubts: dict[str, str]) -> Iterator[str]:
    comment = f"  # {doubts[key]}" if key in doubts else ""
    if value == {}:
        yield f"{indent}{_scalar(key)}: {{}}{comment}"
    elif isinstance(value, dict):
        yield f"{indent}{_scalar(key)}:{comment}"
        for name, one in value.items():
            yield from _lines(name, one, f"{' ' * len(indent)}  ", doubts)
    elif isinstance(value, list):
        yield f"{indent}{_scalar(key)}: [{', '.join(map(_scalar, value))}]{comment}"
    else:
        yield f"{indent}{_scalar(key)}: {_scalar(value)}{comment}"


def _scalar(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)
