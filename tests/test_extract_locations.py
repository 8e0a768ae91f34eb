"""Where a delivery may be read, and where it may not."""

import os
from pathlib import Path

import pytest

from barometre_pipeline.errors import SourceError, UsageError
from barometre_pipeline.extract.locations import Local, Portal, file_name, locate
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import delivery, write_all


def place(url, base):
    return locate(delivery("a", url, format="csv"), base, Secrets())


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_all(tmp_path / "base", "a.csv", "dossier/données de mars.csv", "100%.csv")


@pytest.mark.parametrize("base", ["http://h/x", "http://h/x/", "s3://h/x", "sftp://u@h:22/x/"])
def test_a_relative_url_is_below_a_remote_base(base):
    assert place("d/a.csv", base).url == f"{base.rstrip('/')}/d/a.csv"


@pytest.mark.parametrize(
    "url, sent",
    [
        ("dossier/données de mars.csv", "http://h/dossier/donn%C3%A9es%20de%20mars.csv"),
        ("donn%C3%A9es%20de%20mars.csv", "http://h/donn%C3%A9es%20de%20mars.csv"),
        ("100%.csv", "http://h/100%25.csv"),
        ("a#b.csv", "http://h/a%23b.csv"),
        ("export?annee=2022&f=csv", "http://h/export?annee=2022&f=csv"),
    ],
)
def test_a_relative_url_is_percent_encoded_once(url, sent):
    assert place(url, "http://h").url == sent


def test_the_query_of_the_base_is_kept(monkeypatch):
    monkeypatch.setenv("CLE_BASE", "a/b")
    found = place("a.csv", "https://h/x?token=${CLE_BASE}")
    assert (found.url, found.shown) == ("https://h/x/a.csv?token=a%2Fb", "https://h/x/a.csv?token=${CLE_BASE}")


def test_an_absolute_url_is_taken_as_it_is():
    assert place("https://h/a.csv", "http://autre").url == "https://h/a.csv"


@pytest.mark.parametrize("url", ["dossier/données de mars.csv", "dossier/donn%C3%A9es%20de%20mars.csv", "100%.csv"])
def test_a_file_of_the_folder_is_found_encoded_or_not(url, folder):
    assert place(url, folder).path.is_file()


def test_a_file_base_is_decoded(tmp_path):
    base = write_all(tmp_path / "mes données", "a.csv")
    assert place("a.csv", base.as_uri()) == Local(base / "a.csv", "a.csv")


def test_an_absolute_file_url_within_the_base_is_read(folder):
    url = (folder / "a.csv").as_uri()
    assert place(url, folder).path == folder / "a.csv"


@pytest.mark.parametrize(
    "url", ["../hors.csv", "dossier/../../hors.csv", "/etc/passwd", "%2e%2e/hors.csv", "..\\hors.csv"]
)
@pytest.mark.parametrize("base", ["folder", "http://h/x", "s3://h/x", "sftp://h/x"])
def test_a_path_that_leaves_the_base_is_refused(url, base, folder):
    write_all(folder.parent, "hors.csv")
    with pytest.raises(SourceError, match=r"leads outside of|there is no file"):
        place(url, folder if base == "folder" else base)


def test_an_absolute_file_url_outside_of_the_base_is_refused(folder):
    with pytest.raises(SourceError, match="leads outside"):
        place("file:///etc/passwd", folder)


def test_an_absolute_file_url_needs_a_base_folder():
    with pytest.raises(SourceError, match="only files of that folder"):
        place("file:///etc/passwd", "http://h/")


def test_a_link_that_leaves_the_base_is_refused(folder):
    (folder / "lien.csv").symlink_to("/etc/passwd")
    with pytest.raises(SourceError, match="leads outside"):
        place("lien.csv", folder)


def test_a_link_within_the_base_is_followed(folder):
    (folder / "lien.csv").symlink_to("a.csv")
    assert place("lien.csv", folder).path == folder / "a.csv"


def test_a_link_that_goes_round_in_circles_is_told(folder):
    (folder / "lien.csv").symlink_to("lien.csv")
    with pytest.raises(SourceError, match=r"lien\.csv"):
        place("lien.csv", folder)


def test_a_pipe_is_no_file(folder):
    os.mkfifo(folder / "tube.csv")
    with pytest.raises(SourceError, match="is not a file"):
        place("tube.csv", folder)


@pytest.mark.parametrize("url", ["ftp://h/a.csv", "az://conteneur/a.csv", "abfs://conteneur@compte/a.csv"])
def test_another_scheme_is_refused_when_the_catalogue_is_checked(url):
    with pytest.raises(ValueError, match="is not read; only http, https, s3, gs, sftp and the base folder are"):
        delivery("d", url)


def test_another_scheme_for_the_base_is_a_wrong_command():
    with pytest.raises(UsageError, match="ftp:// is not read"):
        place("a.csv", "ftp://h/")


def test_a_relative_url_without_a_base_is_a_wrong_command():
    with pytest.raises(UsageError, match="--sources"):
        place("a.csv", None)


def test_a_delivery_of_the_portal_needs_no_base():
    found = locate(delivery("a", datagouv={"jeu": "j", "ressource": "r"}, format="csv"), None, Secrets())
    assert found == Portal("j", "r", None)


@pytest.mark.parametrize(
    "url, name",
    [
        ("http://h/d/a%20b.csv?x=1", "a b.csv"),
        ("http://h/d/%2e%2e%2fa.csv", "a.csv"),
        ("http://h/a\x00:b|.csv", "a__b_.csv"),
        ("http://h/.htaccess", "htaccess"),
        ("http://h/manifest.json", "livraison-manifest.json"),
        ("http://h/", "sinon.csv"),
        ("http://h/" + "é" * 300 + ".csv", "é" * 108 + ".csv"),
    ],
)
def test_a_file_keeps_its_name_made_harmless(url, name):
    assert file_name(url, "sinon.csv") == name
