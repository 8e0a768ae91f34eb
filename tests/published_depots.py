"""A depot, a home and a built tree as the pipeline makes them, small: what tests of publications to git work on."""

import hashlib
from pathlib import Path

from barometre_pipeline.depot.options import GitOptions
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.decision import Wishes
from barometre_pipeline.publish.publication import Published, publish_tree
from tests.git_servers import git


class World:
    """One depot and any number of homes; `publish` writes an edition's tree and publishes it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.depot = folder, folder / "depot.git"
        self.trees = 0

    def tree(self, data: str, notice: str = "", **more: str) -> Path:
        """Write a tree with its checksums, as a build has them."""
        self.trees += 1
        root = self.folder / "arbres" / str(self.trees)
        files = {"b-detail-national.csv": data, "README.md": notice or "lisez\n", "manifeste.json": "{}\n", **more}
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        (root / "SHA256SUMS").write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))
        return root

    def publish(
        self, edition: str, data: str = "", home: str = "home", compared: str | None = None, **more: str | bool
    ) -> Published:
        wishes = Wishes(replace=bool(more.pop("replace", False)), adopt=bool(more.pop("adopt", False)))
        options = GitOptions(branche_revue=str(more.pop("review"))) if "review" in more else GitOptions()
        root = self.tree(data or f"{edition}\n", **{name: str(text) for name, text in more.items()})
        clone, depot = self.folder / home / "publication", str(self.depot)
        return publish_tree(root, clone, depot, Edition.parse(edition), options, wishes=wishes, compared_with=compared)

    def head(self, name: str = "b-detail-national.csv") -> str:
        """Return a file of the branch."""
        return git(self.depot, "show", f"HEAD:{name}")

    def tags(self) -> list[str]:
        return git(self.depot, "tag", "--list").split()

    def files(self, commit: str = "HEAD") -> list[str]:
        return git(self.depot, "ls-tree", "-r", "--name-only", commit).split()

    def pushed_by_another(self, message: str = "Autre chose", remove: str = "", **files: str) -> None:
        """Commit files on the branch as a colleague would."""
        other = self.folder / "collegue"
        if not other.exists():
            git(self.folder, "clone", "--quiet", str(self.depot), str(other))
        git(other, "pull", "--quiet", "--allow-unrelated-histories", "origin", "HEAD") if self._has_commits() else None
        for name, text in files.items():
            (other / name).parent.mkdir(parents=True, exist_ok=True)
            (other / name).write_text(text)
        (other / remove).unlink() if remove else None
        git(other, "add", "-A")
        git(other, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", message)
        git(other, "push", "--quiet", "origin", "HEAD:main")

    def _has_commits(self) -> bool:
        return bool(git(self.depot, "for-each-ref"))
