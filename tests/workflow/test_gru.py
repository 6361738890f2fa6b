"""The workflow with GRUs in place of LSTMs."""

import pandas as pd

from tests.workflow.conftest import Workflow, merge


def test_table2_of_grus(workflow: Workflow) -> None:
    grus = {"lstm": {"cell": "gru"}, "table2": {"tensorized": [], "second_cnn": None, "comparisons": []}}
    workflow.configure(merge(workflow.config, grus))
    done = workflow.call("table2")
    assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(workflow.folder / "results/default/tables/table2.csv")
    assert list(table["method"]) == ["Naive-GRU", "ISS-GRU", "VIB-GRU", "VIB+ISS-GRU"]
    assert table["lstm_params"].iloc[0] == 3 * 8 * (256 + 8) + 6 * 8
    assert table["paper_lstm_params"].isna().all()
