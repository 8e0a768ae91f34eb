"""Reads the files that people edit, each thing with the line where it is written.

`texts` reads bytes into text, `yaml_files` YAML (put together by `yaml_composer`, its words by `yaml_words`),
`csv_files` tables; `places` says where something is, `sentences` what a model refuses in it. Nothing here knows what
the files are about.
"""
