"""What the pages say: our notices as HTML, and the spaces that French readers want before a « : »."""

import pytest

from barometre_pipeline.french import tied
from barometre_pipeline.publish.site.notice_text import notice


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("- un\nla suite\n- deux", "<ul><li>un la suite</li><li>deux</li></ul>"),
        ("- un\n  la suite\n\nAprès", "<ul><li>un la suite</li></ul><p>Après</p>"),
        ("Avant\n\n- un\n## Titre", '<p>Avant</p><ul><li>un</li></ul><h2 id="titre">Titre</h2>'),
    ],
)
def test_an_item_of_a_notice_goes_on_at_its_next_line(written, shown):
    assert notice(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Qui ? « Nous » : 5 % ; oui !", "Qui\u00a0? «\u00a0Nous\u00a0»\u00a0: 5\u00a0%\u00a0; oui\u00a0!"),
        ("<p><a href='#a'>a</a> : b</p>", "<p><a href='#a'>a</a>\u00a0: b</p>"),
        ('<p title="a : b">unité, % de a</p>', '<p title="a : b">unité, % de a</p>'),
        ("<code>a : b</code><script>a ? b : c</script>", "<code>a : b</code><script>a ? b : c</script>"),
    ],
)
def test_no_line_of_a_page_begins_with_its_punctuation(written, shown):
    assert tied(written) == shown
