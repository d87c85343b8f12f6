"""The tables, one file per noun; `rapport.store.schema` knows them all."""
