"""The analysts' warehouse: the history of the editions as published, and its door for notebooks.

    from barometre_pipeline.warehouse import open_latest
    open_latest().sql("select libelle_indicateur, valeur_actuelle from synthese_derniere join indicateurs_derniere …")

`tables` lists what is in it, dbt_like_sql/warehouse/ computes it, `updating` brings it to what the depot has.
"""

from barometre_pipeline.warehouse.reading import Answer, Warehouse, open_latest

__all__ = ["Answer", "Warehouse", "open_latest"]
