"""Files replaced in one step, and zips without a date."""

import io
import zipfile

import pytest

from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.resources.zips import add_member


@pytest.mark.parametrize("content", ["été", "été".encode(), lambda file: file.write("été".encode())])
def test_a_file_is_replaced_whole_by_a_text_by_bytes_or_by_what_a_function_writes(tmp_path, content):
    path = tmp_path / "folder" / "file.txt"
    write_file(path, "before")
    write_file(path, content)
    assert path.read_bytes() == "été".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_could_not_be_written_whole_leaves_the_one_before_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    write_file(path, "before")

    def stop_half_way(file):
        file.write(b"half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_file(path, stop_half_way)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_member_of_a_zip_has_no_date_and_may_be_read_by_anybody():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        add_member(archive, "a.csv", b"a")
        add_member(archive, "b.png", b"b", method=zipfile.ZIP_STORED)
    members = zipfile.ZipFile(file).infolist()
    assert {m.date_time for m in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {m.external_attr >> 16 for m in members} == {0o100644}
    assert [m.compress_type for m in members] == [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]
