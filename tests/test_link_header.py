"""The Link header: what RFC 8288 allows, and what servers write."""

import pytest

from barometre_pipeline.resources.link_header import next_page


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<?page=2>; rel="next"', "?page=2"),
        ('<?page=2>; rel="next prefetch"', "?page=2"),
        ('<?page=2>; rel="prefetch  Next"', "?page=2"),
        ('<?page=2>;Rel = "NEXT"', "?page=2"),
        ("<?page=2>;; rel=next;type=text/html", "?page=2"),
        ('<?page=2&sort=a;b>; rel="next"', "?page=2&sort=a;b"),
        ('<?page=0>; rel="prev", <?f=a,b>; title="a, b; c"; rel="next"', "?f=a,b"),
        (r'<?a>; title="\"<?b>; rel=next"; rel=last', None),
        ('<?a>; rel="last"; rel="next"', None),
        ('<?a>; rel="nextpage"', None),
        ("<?a", None),
        ("", None),
    ],
)
def test_the_next_page_of_a_link_header(header, address):
    assert next_page(header) == address
