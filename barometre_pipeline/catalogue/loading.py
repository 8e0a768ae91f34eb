"""Reads a catalogue folder, whole: every problem is told at once, with its file and key.

The rules between files are in `rules`; the shape of each file is in `model`.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.model import (
    Catalogue,
    Correction,
    Exception_,
    General,
    Mesure,
    Secteur,
    Territoire,
)
from barometre_pipeline.catalogue.rules import Named, cross_file_problems
from barometre_pipeline.errors import CatalogueError

DEFAULT_CATALOGUE = Path(__file__).parent / "defaut"

_KNOWN = {"catalogue.yaml", "secteurs.csv", "territoires.csv", "exceptions.yaml", "corrections.yaml"}


def load_catalogue(folder: Path) -> Catalogue:
    """Read and validate the catalogue of this folder; CatalogueError tells every problem at once."""
    if not folder.is_dir():
        raise CatalogueError([f"{folder}: there is no such folder; a catalogue is a folder with catalogue.yaml."])
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path):
        self.folder = folder
        self.problems: list[str] = []
        self.digest = hashlib.sha256()
        self.where: dict[int, str] = {}  # id() of a model object -> the file and key it comes from
        self.named = Named()

    def load(self) -> Catalogue:
        self._unknown_files()
        catalogue = Catalogue(
            general=self._one("catalogue.yaml", General),
            secteurs=_valid(self._table("secteurs.csv", Secteur)),
            territoires=_valid(self._table("territoires.csv", Territoire)),
            mesures=_valid(self._one(name, Mesure) for name in self._files("mesures")),
            livraisons=_valid(d for name in self._files("livraisons") for d in self._deliveries(name)),
            exceptions=_valid(self._list("exceptions.yaml", Exception_)),
            corrections=_valid(self._list("corrections.yaml", Correction)),
        )
        self.problems += cross_file_problems(catalogue, self.named, self.where)
        if self.problems:
            raise CatalogueError(self.problems)
        object.__setattr__(catalogue, "version", self.digest.hexdigest())
        return catalogue

    def _text(self, name: str) -> str | None:
        try:
            content = (self.folder / name).read_bytes()
        except FileNotFoundError:
            self.problems.append(f"{name}: the file is missing.")
            return None
        except OSError as error:
            self.problems.append(f"{name}: cannot be read ({error.strerror}).")
            return None
        self.digest.update(f"{name}\0{len(content)}\0".encode() + content)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.problems.append(f"{name}: byte {error.start + 1} is not UTF-8; save the file in UTF-8.")
            return None

    def _yaml(self, name: str) -> Any:
        text = self._text(name)
        if text is None:
            return None
        try:
            return yaml.load(text, _UniqueKeys)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            self.problems.append(f"{name}{place}: is not YAML ({getattr(error, 'problem', None) or error}).")
            return None

    def _unknown_files(self) -> None:
        edited = (p.name for p in self.folder.iterdir() if p.suffix in (".yaml", ".yml", ".csv"))
        for name in sorted(set(edited) - _KNOWN):
            near = difflib.get_close_matches(name, sorted(_KNOWN), n=1)
            self.problems.append(f"{name}: unknown file{f'; the closest is {near[0]!r}' if near else ''}.")
        for subfolder in ("mesures", "livraisons"):
            for path in sorted((self.folder / subfolder).glob("*.yml")):
                self.problems.append(f"{subfolder}/{path.name}: unknown file; the name must end in .yaml.")

    def _validated(self, name: str, key: str, model: type[BaseModel], data: Any):
        self.named.add(model, data)
        try:
            found = model.model_validate(data)
        except ValidationError as error:
            self.problems += [f"{name}: {_located(key, e)}" for e in _causes(error)]
            return None
        self.where[id(found)] = f"{name}: {key}" if key else name
        return found

    def _one(self, name: str, model: type[BaseModel]):
        data = self._yaml(name)
        if data is None:
            if (self.folder / name).is_file() and not any(p.startswith(name) for p in self.problems):
                self.problems.append(f"{name}: the file is empty.")
            return None
        return self._validated(name, "", model, data)

    def _list(self, name: str, model: type[BaseModel]) -> tuple:
        if not (self.folder / name).exists():
            return ()
        data = self._yaml(name) or []
        if not isinstance(data, list):
            self.problems.append(f"{name}: a list is needed (lines that begin with '- ').")
            return ()
        return tuple(self._validated(name, f"[{i}]", model, d) for i, d in enumerate(data, 1))

    def _table(self, name: str, model: type[BaseModel]) -> tuple:
        text = self._text(name)
        if text is None:
            return ()
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = []
        for line, row in enumerate(reader, 2):
            if None in row or None in row.values():
                self.problems.append(f"{name}: line {line}: {len(reader.fieldnames or [])} columns are needed.")
                continue
            filled = {k: v for k, v in row.items() if v != ""}
            rows.append(self._validated(name, f"line {line}", model, filled))
        if not rows:
            self.problems.append(f"{name}: the table is empty.")
        return tuple(rows)

    def _deliveries(self, name: str):
        data = self._yaml(name)
        if not isinstance(data, dict) or not isinstance(data.get("livraisons"), list):
            self.problems.append(f"{name}: livraisons: a list of deliveries is needed.")
            return
        for key in sorted(set(map(str, data)) - {"ministere", "commun", "livraisons"}):
            self.problems.append(f"{name}: {key}: unknown key; a supplier has ministere, commun and livraisons.")
        common = data.get("commun") or {}
        if not isinstance(common, dict):
            self.problems.append(f"{name}: commun: keys and values are needed.")
            return
        for rank, own in enumerate(data["livraisons"], 1):
            if not isinstance(own, dict):
                self.problems.append(f"{name}: livraisons[{rank}]: keys and values are needed.")
                continue
            key = f"livraisons[{rank}] ({own.get('id', 'without id')})"
            whole = {"ministere": data.get("ministere"), **common, **own}
            yield self._validated(name, key, Livraison, {k: v for k, v in whole.items() if v is not None})

    def _files(self, subfolder: str) -> list[str]:
        found = sorted(p.name for p in (self.folder / subfolder).glob("*.yaml"))
        if not found:
            self.problems.append(f"{subfolder}/: there is no .yaml file in it.")
        return [f"{subfolder}/{name}" for name in found]


class _UniqueKeys(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys in silence; here it is an error."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, (str, int)) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, (str, int)) else None)
        return super().construct_mapping(node, deep)


def _valid(found: Iterable) -> tuple:
    return tuple(one for one in found if one is not None)


def _causes(error: ValidationError) -> list[dict]:
    """Return the errors but those that only follow from others: a list left empty by its wrong items."""
    errors = error.errors()
    inner = {e["loc"][: len(e["loc"]) - n] for e in errors for n in range(1, len(e["loc"]))}
    return [e for e in errors if not (e["type"] == "too_short" and e["loc"] in inner)]


def _located(key: str, error: dict) -> str:
    """Turn one pydantic error into `key: what would be right`."""
    path = ".".join(f"[{p + 1}]" if isinstance(p, int) else str(p) for p in error["loc"]).replace(".[", "[")
    where = ": ".join(part for part in (key, path) if part)
    value = error.get("input")
    shown = f" (here: {value!r})" if isinstance(value, (str, int, float, bool)) else ""
    match error["type"]:
        case "missing":
            what = "is required."
        case "extra_forbidden":
            what = "unknown key; is it a typing mistake?"
        case "literal_error":
            what = f"must be {error['ctx']['expected'].replace(' or ', ', ').replace(chr(39), '')}{shown}."
        case "value_error":
            what = f"{error['ctx']['error']}{shown}."
        case _:
            what = f"{error['msg'][0].lower()}{error['msg'][1:]}{shown}."
    return f"{where}: {what}" if where else what
