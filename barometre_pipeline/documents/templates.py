"""Folders of Jinja templates: what each may use, what is wrong in one before it is rendered, and rendering it.

Which facts they show is the business of those who own the folders.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes

from barometre_pipeline.documents.sentences import closest_name
from barometre_pipeline.documents.texts import read_text
from barometre_pipeline.errors import EditedFileError

# What the text of a template can do wrong while it is rendered.
_FAULTS_OF_THE_TEXT = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@dataclass(frozen=True)
class Templates:
    """A folder of templates. `given` are the names of the values that they may use, `filters` what they call by `|`."""

    folder: Path
    given: Collection[str]
    filters: Mapping[str, Callable[..., Any]]
    autoescape: bool

    def render(self, name: str, **values: Any) -> str:
        """Return a template with these values in it; EditedFileError names its file and line."""
        try:
            return self._environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            raise EditedFileError([_syntax_problem(self.file(error.name or name), error)]) from error
        except (RecursionError, SyntaxError) as error:  # of the text itself, or of what Jinja makes of it
            raise EditedFileError([self._too_deep(name)]) from error
        except _FAULTS_OF_THE_TEXT as error:
            place = self._place_of(error) or self.file(name)
            raise EditedFileError([f"{place}: {' '.join(str(error).split())}."]) from error

    def problems(self) -> list[str]:
        """Return what is wrong in the templates, as far as it can be told without values."""
        found: list[str] = []
        for path in sorted(p for p in self.folder.iterdir() if p.is_file()):
            file = self.file(path.name)
            try:
                source = self._environment.parse(read_text(path, file), path.name)
                found += [f"{file}, line {line}: {what}." for line, what in self._unknown_names(source)]
            except EditedFileError as error:
                found += error.problems
            except TemplateSyntaxError as error:
                found.append(_syntax_problem(file, error))
            except RecursionError:
                found.append(self._too_deep(path.name))
        return found

    def _too_deep(self, name: str) -> str:
        return f"{self.file(name)}: has too many brackets or blocks within one another."

    def file(self, name: str) -> str:
        """Return what people call the file of a template: its path from the project's top level."""
        return (self.folder / name).relative_to(Path(__file__).parents[2]).as_posix()

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self.folder),
            undefined=StrictUndefined,
            autoescape=self.autoescape,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters |= self.filters
        return environment

    def _unknown_names(self, source: nodes.Template) -> Iterator[tuple[int, str]]:
        # Jinja itself says it of a filter within an `if` only when it comes there.
        absent = list(self._absent(source, nodes.Filter, "filter", self._environment.filters))
        absent += self._absent(source, nodes.Test, "test", self._environment.tests)
        yield from absent
        for node in source.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            name = getattr(getattr(node, "template", None), "value", None)
            if isinstance(name, str) and not (self.folder / name).is_file():
                yield node.lineno, f"there is no template {name!r}"
        # Jinja looks for variables only where it knows all filters.
        undeclared = set() if absent else meta.find_undeclared_variables(source)
        for name in sorted(undeclared - set(self.given) - set(self._environment.globals)):
            line = next((n.lineno for n in source.find_all(nodes.Name) if n.name == name and n.ctx == "load"), 1)
            yield line, f"{name!r} is not given to it{closest_name(name, self.given)}"

    @staticmethod
    def _absent(
        source: nodes.Template, kind: type[nodes.Filter] | type[nodes.Test], what: str, known: Collection[str]
    ) -> Iterator[tuple[int, str]]:
        for node in source.find_all(kind):
            if node.name not in known:
                yield node.lineno, f"there is no {what} {node.name!r}{closest_name(node.name, known)}"

    def _place_of(self, error: BaseException) -> str | None:
        """Return the file and line of the template where an error comes from, the innermost one."""
        place, trace = None, error.__traceback__
        while trace:
            path = Path(trace.tb_frame.f_code.co_filename)
            if path.is_relative_to(self.folder):
                place = f"{self.file(path.name)}, line {trace.tb_lineno}"
            trace = trace.tb_next
        return place


def _syntax_problem(file: str, error: TemplateSyntaxError) -> str:
    return f"{file}, line {error.lineno}: {(error.message or 'is not a template').rstrip('.')}."
