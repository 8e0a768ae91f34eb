"""What Dagster shows of each asset and check, as a text: `python -m tests.asset_specs` writes it again."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from dagster import AssetKey, Definitions

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import build_definitions
from barometre_pipeline.settings import Settings

FILE = Path(__file__).with_name("asset_specs.txt")
_LAUNCHED = "edition"


def written_specs() -> str:
    """Return the text, of the package's own catalogue."""
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        definitions = build_definitions(settings, catalogues_in(settings.catalogue))
        return "\n".join(_lines(definitions)) + "\n"


def _lines(definitions: Definitions) -> Iterator[str]:
    graph = definitions.resolve_asset_graph()
    for key in sorted(graph.get_all_asset_keys()):
        yield from _asset(graph.get(key), sorted(c.name for c in graph.asset_check_keys if c.asset_key == key))
    job = definitions.resolve_job_def(_LAUNCHED)
    yield f"job {job.name}: {', '.join(sorted(job.graph.node_dict))}"


def _asset(node, checks: list[str]) -> Iterator[str]:
    yield node.key.to_user_string()
    about = {
        "group": node.group_name,
        "owners": ", ".join(sorted(node.owners)),
        "kinds": ", ".join(sorted(node.kinds)),
        "tags": ", ".join(f"{n}={v}" for n, v in sorted(node.tags.items()) if not n.startswith("dagster/kind/")),
        "partitions": "" if node.partitions_def else "none",
        "after": ", ".join(_shortened(node.parent_keys)),
        "metadata": ", ".join(sorted(node.metadata)),
        "checks": ", ".join(checks),
        "description": " / ".join((node.description or "").splitlines()),
    }
    yield from (f"  {name}: {value}" for name, value in about.items() if value)


def _shortened(keys: set[AssetKey]) -> list[str]:
    """Return the assets by name, the deliveries counted."""
    deliveries = [k for k in keys if k.path[0] == "livraisons"]
    others = sorted(k.to_user_string() for k in keys if k.path[0] != "livraisons")
    return others + ([f"{len(deliveries)} livraisons"] if deliveries else [])


if __name__ == "__main__":
    FILE.write_text(written_specs(), "utf-8")
