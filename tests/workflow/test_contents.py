"""Arrays, lists and videos that change without changing their size are noticed by a run and by verify."""

TABLE = "results/default/tables/table2.csv"
