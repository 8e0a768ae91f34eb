"""Reads a catalogue folder, whole: every problem is told at once, with its file, line and key.

The rules between files are in `rules`; the shape of each file is in `model`.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from barometre_pipeline.catalogue.commitments import Engagement
from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.dsfr import NotTheSystemError, read_dsfr
from barometre_pipeline.catalogue.levels import Maille, default_levels, with_known_words
from barometre_pipeline.catalogue.maps import FOLDER as MAPS
from barometre_pipeline.catalogue.maps import Outlines, outline_problems, read_outlines
from barometre_pipeline.catalogue.model import (
    Catalogue,
    Correction,
    Exception_,
    Explication,
    General,
    Mesure,
    Secteur,
    Territoire,
)
from barometre_pipeline.catalogue.named import Named
from barometre_pipeline.catalogue.rules import cross_file_problems
from barometre_pipeline.documents.csv_files import rows_of
from barometre_pipeline.documents.places import KeyPath, Place
from barometre_pipeline.documents.sentences import refusals
from barometre_pipeline.documents.texts import decoded, read_bytes
from barometre_pipeline.documents.yaml_files import Document, parsed
from barometre_pipeline.errors import CatalogueError, EditedFileError

DEFAULT_CATALOGUE = Path(__file__).parent / "defaut"

_KNOWN = {"catalogue.yaml", "mailles.yaml", "secteurs.csv", "territoires.csv"}
_KNOWN |= {"exceptions.yaml", "corrections.yaml", "explications.yaml"}
_FOLDERS = ("mesures", "livraisons", "engagements", MAPS)
M = TypeVar("M", bound=BaseModel)
_OF_A_SUPPLIER = ("ministere", "contact", "commun", "livraisons")


def load_catalogue(folder: Path) -> Catalogue:
    """Read and validate the catalogue of this folder; CatalogueError tells every problem at once."""
    if not folder.is_dir():
        found = "this is a file" if folder.exists() else "there is no such folder"
        raise CatalogueError([f"{folder}: {found}; a catalogue is a folder with catalogue.yaml."])
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.digest = hashlib.sha256()
        self.where: dict[int, Place] = {}  # by the id() of a model object
        self.named = Named()

    def load(self) -> Catalogue:
        self._unknown_files()
        general = self._one("catalogue.yaml", General)
        catalogue = Catalogue(
            # None stands only beside a problem, and then there is no catalogue.
            general=cast(General, general),
            secteurs=_valid(self._table("secteurs.csv", Secteur)),
            territoires=_valid(self._table("territoires.csv", Territoire)),
            mesures=_valid(self._one(name, Mesure) for name in self._files("mesures")),
            livraisons=_valid(d for name in self._files("livraisons") for d in self._deliveries(name)),
            mailles=self._levels(),
            exceptions=_valid(self._list("exceptions.yaml", Exception_)),
            corrections=_valid(self._list("corrections.yaml", Correction)),
            explications=_valid(self._list("explications.yaml", Explication)),
            cartes=dict(self._maps()),
            theme=self._theme(general) if general else {},
            engagements=_valid(self._one(name, Engagement) for name in self._files("engagements", needed=False)),
        )
        self.problems += cross_file_problems(catalogue, self.named, self.where)
        self.problems += outline_problems(
            catalogue.cartes, {m.id: {t.code for t in catalogue.territoires_of(m.id)} for m in catalogue.mailles}
        )
        if self.problems:
            raise CatalogueError(self.problems)
        object.__setattr__(catalogue, "version", self.digest.hexdigest())
        return catalogue

    def _text(self, name: str) -> str:
        content = read_bytes(self.folder / name, name)
        self.digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return decoded(content, name)

    def _yaml(self, name: str, model: type[BaseModel]) -> Document | None:
        """Return a file as it was read, None where it is empty or cannot be read."""
        try:
            document = parsed(self._text(name), name)
            if document.data is None:
                raise EditedFileError(document.problems or [f"{name}, line 1: the file is empty."])
        except EditedFileError as error:
            self.problems += error.problems
            self.named.incomplete.add(model)
            return None
        self.problems += document.problems
        return document

    def _unknown_files(self) -> None:
        edited = (p.name for p in self.folder.iterdir() if p.suffix.lower() in (".yaml", ".yml", ".csv"))
        for name in sorted(set(edited) - _KNOWN):
            near = difflib.get_close_matches(name.lower(), sorted(_KNOWN), n=1)
            self.problems.append(f"{name}: unknown file{f'; the closest is {near[0]!r}' if near else ''}.")
        # Other folders may stand there, but for one whose name is a slip of the pen: nothing of it would be read.
        for name in sorted(p.name for p in self.folder.iterdir() if p.is_dir() and p.name not in _FOLDERS):
            if near := difflib.get_close_matches(name.lower(), _FOLDERS, n=1, cutoff=0.8):
                self.problems.append(f"{name}/: unknown folder; the closest is {near[0]!r}.")
        for subfolder in ("mesures", "livraisons", "engagements"):
            for path in sorted((self.folder / subfolder).glob("*")):
                if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
                    self.problems.append(f"{subfolder}/{path.name}: unknown file; the name must end in .yaml.")

    def _validated(self, place: Place, model: type[M]) -> M | None:
        self.named.add(model, place.data)
        self.where[id(place.data)] = place
        try:
            found = model.model_validate(place.data)
        except ValidationError as error:
            self.problems += refusals(error, place, model)
            return None
        self.where[id(found)] = place
        return found

    def _one(self, name: str, model: type[M]) -> M | None:
        document = self._yaml(name, model)
        return self._validated(document.place(), model) if document else None

    def _list(self, name: str, model: type[M]) -> tuple[M | None, ...]:
        if not (self.folder / name).exists():
            return ()
        document = self._yaml(name, model)
        if document is None:
            return ()
        if not isinstance(document.data, list):
            self.problems.append(f"{document.place()}: a list is needed (lines that begin with '- ').")
            self.named.incomplete.add(model)
            return ()
        return tuple(self._validated(document.place(i, label=f"[{i + 1}]"), model) for i in range(len(document.data)))

    def _levels(self) -> tuple[Maille, ...]:
        if not (self.folder / "mailles.yaml").exists():
            return default_levels()
        levels = _valid(self._list("mailles.yaml", Maille))
        described = tuple(with_known_words(m) for m in levels)
        self.where |= {id(d): self.where[id(m)] for m, d in zip(levels, described, strict=True)}
        return described

    def _maps(self) -> Iterator[tuple[str, Outlines]]:
        for path in sorted((self.folder / MAPS).glob("*.geojson")):
            name = f"{MAPS}/{path.name}"
            try:
                outlines, problems = read_outlines(self._text(name), name)
            except EditedFileError as error:
                outlines, problems = {}, error.problems
            self.problems += problems
            yield path.stem, outlines

    def _theme(self, general: General) -> Mapping[str, bytes]:
        if general.site.dsfr is None:
            return {}
        try:
            files = read_dsfr(self.folder / general.site.dsfr)
        except NotTheSystemError as error:
            self.problems.append(f"{self.where[id(general)].at('site', 'dsfr')}: {error}.")
            return {}
        for name, content in files.items():  # another version of it makes another site
            self.digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return files

    def _table(self, name: str, model: type[M]) -> tuple[M | None, ...]:
        required = [key for key, about in model.model_fields.items() if about.is_required()]
        try:
            optional = [key for key in model.model_fields if key not in required]
            rows, problems = rows_of(self._text(name), name, required, optional)
        except EditedFileError as error:
            self.problems += error.problems
            self.named.incomplete.add(model)
            return ()
        self.problems += problems
        if problems:
            self.named.incomplete.add(model)
        return tuple(self._validated(row, model) for row in rows)

    def _deliveries(self, name: str) -> Iterator[Livraison | None]:
        document = self._yaml(name, Livraison)
        if document is None:
            return
        whole, data = document.place(), document.data
        if not isinstance(data, dict) or not isinstance(data.get("livraisons"), list):
            at = whole.at("livraisons") if isinstance(data, dict) else f"{whole}: livraisons"
            self.problems.append(f"{at}: a list of deliveries is needed.")
            self.named.incomplete.add(Livraison)
            return
        for key in (k for k in data if k not in _OF_A_SUPPLIER):
            self.problems.append(f"{whole.at(key)}: unknown key; a supplier has {', '.join(_OF_A_SUPPLIER)}.")
        if not isinstance(data.get("commun") or {}, dict):
            self.problems.append(f"{whole.at('commun')}: keys and values are needed.")
            self.named.incomplete.add(Livraison)
            return
        for rank, own in enumerate(data["livraisons"]):
            if isinstance(own, dict):
                yield self._validated(_delivery_place(document, rank), Livraison)
            else:
                self.problems.append(f"{whole.at('livraisons', rank)}: keys and values are needed.")

    def _files(self, subfolder: str, *, needed: bool = True) -> list[str]:
        found = sorted(p.name for p in (self.folder / subfolder).glob("*.yaml"))
        if needed and not found:
            self.problems.append(f"{subfolder}/: there is no .yaml file in it.")
        return [f"{subfolder}/{name}" for name in found]


def _delivery_place(document: Document, rank: int) -> Place:
    """Return the place of a delivery: some of its keys may stand in `commun`, or beside it."""
    own, common = document.data["livraisons"][rank], document.data.get("commun") or {}
    supplier = {name: document.data[name] for name in ("ministere", "contact") if name in document.data}
    whole = {"ministere": None, **supplier, **common, **own}

    def written(path: KeyPath) -> KeyPath:
        key = path[0] if path else None
        if key in own or key not in whole:
            return ("livraisons", rank, *path)
        return ("commun", *path) if key in common else path

    return Place(
        document.name,
        f"livraisons[{rank + 1}] ({own.get('id', 'without id')})",
        {key: value for key, value in whole.items() if value is not None},
        lambda path: document.line(written(path)),
        lambda path: document.is_told(written(path)),
    )


def _valid(found: Iterable[M | None]) -> tuple[M, ...]:
    return tuple(one for one in found if one is not None)
