"""What helps to write a delivery: one read as it would be staged, one proposed from a file.

    trying       a delivery and its files  → what would be staged of it, and what would not
    files        a file                    → how it is written, its headings and columns
    headings     its first rows            → which of them are headings, one or two
    recognition  columns                   → what each holds, by its content
    filling      columns of a key          → those whose cells are merged
    proposing    both                      → the YAML of a delivery

Nothing here runs an edition or writes in the home.
"""
