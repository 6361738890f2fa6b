"""The run as a whole: what it leaves behind, that it is done then, and that each result is a target."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.conftest import REPOSITORY, Workflow

COLUMNS = (
    "method,dataset,split,cnn,weights,inputs,hidden,total_params,lstm_params,compression_ratio,accuracy_mean,"
    "accuracy_sd,seeds,paper_total_params,paper_lstm_params,paper_accuracy,note"
)


def test_a_finished_run_has_nothing_to_do(finished) -> None:
    assert "Nothing to be done" in finished.call("all").stderr


def test_table2(finished) -> None:
    tables = finished.folder / "results/default/tables"
    lines = (tables / "table2.csv").read_text().splitlines()
    assert lines[0] == COLUMNS
    table = pd.read_csv(tables / "table2.csv")
    compressed = ["TR-LSTM", "ISS-LSTM", "VIB-LSTM", "VIB+ISS-LSTM", "VIB-LSTM on small_cnn_random"]
    assert list(table["method"]) == ["Two-Stream", "Attention-ConvLSTM", "Naive-LSTM", *compressed]
    naive = table.iloc[2]
    assert (naive["inputs"], naive["hidden"], naive["lstm_params"]) == (256, 8, 4 * 8 * (256 + 8) + 64)
    assert naive["weights"] == "random (seed 0)"
    assert naive["paper_lstm_params"] == "33.57M"
    assert "Naive-LSTM" in (tables / "table2.md").read_text()
    assert r"\begin{tabular}" in (tables / "table2.tex").read_text()


def test_the_provenance_of_a_table(finished) -> None:
    provenance = json.loads((finished.folder / "results/default/tables/table2.provenance.json").read_text())
    assert provenance["machine"]["packages"]["torch"]
    assert provenance["clips"].keys() == {"results/tiny/clips.parquet"}
    trunks = {f"results/cnns/{cnn}/trunk.safetensors" for cnn in ("small_cnn", "small_cnn_random", "small_cnn_maps")}
    assert provenance["weights"].keys() == trunks
    stages = {stage["stage"]: stage for stage in provenance["stages"]}
    features = {"render", "listing", "frames", "weights", "features", "index", "summary", "store"}
    assert stages.keys() == features | {"naive", "vib", "prune", "iss", "comparison", "table2"}
    assert stages["vib"]["seeds"] == [0]
    assert stages["vib"]["settings"][0]["training"]["epochs"] == 2
    assert all(stage["seconds"] > 0 and len(stage["code"]) == 1 for stage in stages.values())


def test_every_result_has_its_provenance(finished) -> None:
    for kind, suffix in (("tables", "tex"), ("figures", "png")):
        folder = finished.folder / "results/default" / kind
        results = {path.stem for path in folder.glob(f"*.{suffix}")}
        explained = {path.name.removesuffix(".provenance.json") for path in folder.glob("*.json")}
        assert results - {"table_pi_parts"} == explained


def test_table2_has_a_tensor_ring_and_a_second_cnn(finished) -> None:
    tables = finished.folder / "results/default/tables"
    rows = pd.read_csv(tables / "table2.csv").set_index("method")
    ring, second = rows.loc["TR-LSTM"], rows.loc["VIB-LSTM on small_cnn_random"]
    assert ring["lstm_params"] == 3 * 3 * (16 + 16 + 8 + 4) + 4 * 8 * 8 + 64
    assert (ring["inputs"], ring["hidden"], ring["paper_lstm_params"]) == (256, 8, "1.340M")
    assert (second["weights"], rows.loc["VIB-LSTM", "weights"]) == ("random (seed 1)", "random (seed 0)")
    assert pd.isna(second["paper_lstm_params"])  # they are EfficientNet's


def test_table2_has_the_systems_of_other_papers(finished) -> None:
    rows = pd.read_csv(finished.folder / "results/default/tables/table2.csv").set_index("method")
    stream, attention = rows.loc["Two-Stream"], rows.loc["Attention-ConvLSTM"]
    assert (stream["cnn"], stream["inputs"], stream["hidden"]) == ("small_cnn_maps", 192 * 16 + 256, 64)
    assert attention["lstm_params"] == 4 * 9 * (32 + 32) * 32
    assert (stream["paper_lstm_params"], attention["paper_lstm_params"]) == ("5.9M", "4.72M")


def test_table3(finished) -> None:
    table = pd.read_csv(finished.folder / "results/default/tables/table3.csv", keep_default_na=False)
    compared = ["Attention-ConvLSTM", "Two-Stream I3D", "TS-LSTM", "Naive-LSTM", "Naive-TS-LSTM"]
    assert list(table["method"]) == [*compared, "TR-LSTM", "ISS-LSTM", "VIB-LSTM", "TS-VIB-LSTM"]
    rows = table.set_index("method")
    naive, i3d = rows.loc["Naive-LSTM"], rows.loc["Two-Stream I3D"]
    assert (naive["cnn"], str(naive["inputs"])) == ("small_cnn + small_cnn", "512")
    assert naive["weights"] == "random (seed 0) + random (seed 0) on flow: (u, v, magnitude)"
    assert rows.loc["Naive-TS-LSTM", "lstm_params"] == naive["lstm_params"]
    assert (i3d["lstm_params"], i3d["cnn"]) == (0, "pixels 32x32 + pixels 32x32")
    assert i3d["total_params"] == 2 * (12_287_264 + 1025 * 6) - 64 * 7**3


def test_the_flow_can_be_looked_at(finished) -> None:
    assert (finished.folder / "results/default/figures/flow_tiny.png").stat().st_size > 10_000


def test_table1(finished) -> None:
    tables = finished.folder / "results/default/tables"
    assert (tables / "table1.csv").read_text().splitlines()[0] == COLUMNS
    naive, *tensorised, vib = pd.read_csv(tables / "table1.csv", keep_default_na=False).to_dict("records")
    assert [naive["method"], vib["method"]] == ["Naive-LSTM", "VIB-LSTM"]
    assert [row["method"] for row in tensorised] == ["TT-LSTM", "BT-LSTM", "TR-LSTM", "HT-LSTM"]
    assert (naive["cnn"], naive["weights"], naive["split"]) == ("pixels 8x6", "none", "clip1")
    assert (naive["inputs"], naive["lstm_params"]) == (8 * 6 * 3, 4 * 8 * (144 + 8) + 64)
    assert naive["total_params"] == naive["lstm_params"] + 8 * 6 + 6 + 2 * 6  # a batch norm after the linear layer
    assert (naive["paper_lstm_params"], vib["paper_lstm_params"]) == ("59.246M", "0.1778M")
    assert "groups leak" in naive["note"]


def test_the_pareto_front(finished) -> None:
    points = pd.read_csv(finished.folder / "results/default/tables/pareto.csv").set_index(["method", "setting"])
    assert set(points.index.get_level_values(0)) == {"naive", "small", "vib", "vib_target", "iss", "vib_iss"}
    sizes = points["lstm_params"].to_dict()
    assert sizes["vib_target", "target_ratio 1"] <= sizes["naive", "8 hidden"]
    assert points["on_front"].any()
    assert (finished.folder / "results/default/figures/pareto.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_of_the_pixels(finished) -> None:
    assert (finished.folder / "results/default/figures/pixels.png").read_bytes().startswith(b"\x89PNG")


def test_the_total_is_the_sum_of_its_parts(finished) -> None:
    naive = pd.read_csv(finished.folder / "results/default/tables/table2.csv").set_index("method").loc["Naive-LSTM"]
    trunk = json.loads((finished.folder / "results/cnns/small_cnn/trunk.json").read_text())["parameters"]
    assert naive["total_params"] == trunk + naive["lstm_params"] + 8 * 6 + 6


def test_table4(finished) -> None:
    table = pd.read_csv(finished.folder / "results/default/tables/table4.csv").set_index("method")
    sizes = {method: (row["inputs"], row["hidden"]) for method, row in table.iterrows()}
    assert sizes["no bottleneck"] == (256, 8)
    assert sizes["gate bottlenecks"][0] == 256
    assert sizes["input bottleneck"][1] == 8
    assert sizes["both"] == sizes["control: size of both, random inputs, from scratch"]


def test_the_table_of_the_device(finished) -> None:
    table = pd.read_csv(finished.folder / "results/default/tables/table_pi.csv", keep_default_na=False)
    assert list(zip(table["model"], table["runtime"], strict=True)) == [
        (model, runtime) for model in ("naive", "vib") for runtime in ("onnxruntime", "numpy")
    ]
    naive = table.iloc[0]
    assert (naive["inputs"], naive["hidden"], naive["parameters"]) == (256, 8, 4 * 8 * (256 + 8) + 64)
    assert naive["multiply_adds"] == 4 * (4 * 8 * (256 + 8)) + 8 * 6
    assert (table["differing_clips"] == 0).all() and (table["p50_us"].astype(float) > 0).all()
    assert (naive["split"], naive["seed"], naive["weights"]) == ("group1", 0, "random (seed 0)")
    assert "one core of" in naive["machine"] and naive["paper_latency"] == "1.26 s"
    parts = pd.read_csv(finished.folder / "results/default/tables/table_pi_parts.csv")
    assert list(parts["part"]) == ["decode", "cnn", "recurrent"] * 2


def test_the_accuracy_through_a_runtime_is_that_of_the_run(finished) -> None:
    measured = json.loads((finished.folder / "results/default/edge/accuracy/naive.json").read_text())
    run = finished.folder / "results/tiny/models/small_cnn/group1/naive/seed~0/metrics.json"
    assert {answer["accuracy"] for answer in measured.values()} == {json.loads(run.read_text())["test_accuracy"]}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, "_pi"])
def test_figures(finished, number: int | str) -> None:
    figures = finished.folder / "results/default/figures"
    assert (figures / f"figure{number}.png").read_bytes().startswith(b"\x89PNG")
    assert (figures / f"figure{number}.pdf").read_bytes().startswith(b"%PDF")


def test_size_json_says_that_dense_equals_masked(finished) -> None:
    sizes = sorted(finished.folder.glob("results/tiny*/models/*/*/vib*/*/*/size.json"))
    assert len(sizes) == 10
    for path in sizes:
        assert json.loads(path.read_text())["masked_minus_dense"] <= 1e-5


def test_temporary_frames_are_gone_and_features_stay(finished) -> None:
    assert not list(Path(finished.folder, "results/tiny/frames").glob("*"))
    assert Path(finished.folder, "results/tiny/features/small_cnn.npy").exists()


def test_each_result_is_a_target(workflow) -> None:
    assert "make_figure5" not in workflow.stale("table2")
    assert "make_table2" not in workflow.stale("figure5")
    assert workflow.stale("figure5")["train_vib"] == 2
    assert workflow.stale("pixels")["train_vib"] == workflow.stale("table1")["train_vib"] == 1


@pytest.mark.parametrize("recipe", ["as_published", "as_released"])
def test_a_recipe_is_a_run_of_the_default(tmp_path: Path, recipe: str) -> None:
    (tmp_path / "config.yaml").write_text((REPOSITORY / "config.yaml").read_text())
    planned = Workflow(tmp_path).stale("all", "--configfile", str(REPOSITORY / f"config/{recipe}.yaml"))
    assert planned["train_vib"] == 2 * (8 * 2 + 2)  # seeds; two betas of eight sweeps, two more rows of Table 4
    assert planned["make_table2"] == 1
