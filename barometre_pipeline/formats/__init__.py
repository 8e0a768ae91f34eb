"""The formats of files: each module makes one `Format`, told by name in FORMATS. What the cells mean is not known here.

A new format is one module beside these and one line below; CONTRIBUTING.md shows one.
"""

from barometre_pipeline.formats.csv_files import CSV
from barometre_pipeline.formats.json_files import JSON
from barometre_pipeline.formats.ods import ODS
from barometre_pipeline.formats.parquet_files import PARQUET
from barometre_pipeline.formats.sdmx import SDMX
from barometre_pipeline.formats.xls import XLS
from barometre_pipeline.formats.xlsb import XLSB
from barometre_pipeline.formats.xlsx import XLSX

FORMATS = {
    format_.name: format_
    for format_ in (
        CSV,
        XLSX,
        XLSB,
        XLS,
        ODS,
        JSON,
        PARQUET,
        SDMX,
    )
}
