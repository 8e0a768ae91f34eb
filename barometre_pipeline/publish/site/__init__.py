"""The site and the feeds that are published with the numbers: static pages in French, and what programs follow.

`reading` takes an edition's facts from its warehouse once, as plain `data`; `making` makes all pages and feeds of
them, in a process of its own. A kind of page is a module that yields `pages`, a feed one that yields files;
navigation, plan du site, sitemap and search come from the one list of pages. Only `reading` knows of a warehouse.
"""
