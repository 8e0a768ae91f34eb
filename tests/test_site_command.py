"""`barometre site`: what it serves, and what it says where there is nothing to serve."""

import re
import subprocess
import urllib.request

from tests.projects import BAROMETRE, EDITION, Project, project, published, published_once  # noqa: F401 - fixtures


def test_it_serves_the_last_edition_with_the_files_that_its_pages_lead_to(published: Project):
    command = [BAROMETRE, "site", "--port", "0", "--home", published.home]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        try:
            address = served.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/site/index\.html", address)
            with urllib.request.urlopen(address, timeout=20) as answer:
                assert "Baromètre d'essai" in answer.read().decode().replace("&#39;", "'")
            beside = address.replace("site/index.html", "essai-synthese-national.csv")
            with urllib.request.urlopen(beside, timeout=20) as answer:
                assert (
                    answer.read()
                    == (published.home / f"editions/{EDITION}/publication/essai-synthese-national.csv").read_bytes()
                )
        finally:
            served.terminate()


def test_a_home_without_a_site_says_what_to_run(project):
    status, _, errors = project.barometre("site", "--home", project.home)
    assert status == 2
    assert "has no site" in errors and "barometre run" in errors
