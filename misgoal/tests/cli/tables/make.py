"""Writes the tables beside it, with pandas 3.1, pyarrow 26.0 and polars 2.1: `python make.py`."""

import datetime
import decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

GRADES = ["low", "middle", "high"]
rows = [(GRADES[row % 3], GRADES[row % 3], GRADES[row % 3], "training") for row in range(60)]
rows += [(GRADES[row % 3], GRADES[(row + 1) % 3], GRADES[(row + row % 2) % 3], "wrong") for row in range(90)]
table = pd.DataFrame(rows, columns=["truth", "said", "grade", "who"])
table["case"] = range(len(table))
# Beside the point, of every type that may stand in a table.
table["weight"] = [row / 7 for row in range(len(table))]
table["seen"] = [row % 2 == 0 for row in range(len(table))]
table["when"] = [datetime.date(2026, 1, 1 + row % 28) for row in range(len(table))]

table.to_csv("grades.csv", index=False)
table.astype({"truth": "category", "said": "category"}).to_parquet("pandas.parquet")
pl.from_pandas(table).with_columns(pl.col("said").cast(pl.Categorical)).write_parquet("polars.parquet")
pq.write_table(pa.Table.from_pandas(table), "groups.parquet", row_group_size=7, compression="none", data_page_version="2.0")
pq.write_table(pa.Table.from_pandas(table[["truth", "said", "grade"]]), "gzip.parquet", compression="gzip")

# Options as numbers of each type, features that are numbers, texts and truth values.
kinds = pd.DataFrame(
    {
        "amount": pd.array([row * 10 for row in range(40)], dtype="int32"),
        "score": pd.array([row / 40 for row in range(40)], dtype="float32"),
        "known": [row % 2 == 0 for row in range(40)],
        "place": ["north", "south"] * 20,
    }
)
for kind in ["int8", "uint16", "uint64", "float64"]:
    kinds[f"as_{kind}"] = (kinds["amount"] > 200).astype(kind)
kinds["as_bool"] = kinds["amount"] > 200
kinds.to_parquet("kinds.parquet")

# What cannot be read, by column; and values that are missing.
odd = table.head(6).copy()
odd["missing"] = ["low", None, "high", "low", None, "high"]
odd["exact"] = [decimal.Decimal(row) for row in range(6)]
odd["moment"] = pd.Timestamp("2026-01-01")
odd["list"] = [[row] for row in range(6)]
odd["bytes"] = [b"low"] * 6
odd["nothing"] = [None] * 6
odd.to_parquet("odd.parquet")
