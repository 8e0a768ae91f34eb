"""The documentation that is published with the numbers: what each indicator measures, what each commitment has become.

`facts` gathers what is known of an edition, `pages` makes the Markdown pages from it, `dialogue` the links by which
readers ask a question. A catalogue without documentation gives the same pages, which say what is missing.
"""
