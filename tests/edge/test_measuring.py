"""What is made of the lines that the bundles' programs print."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.models import make_bundle, make_classifier
from tests.edge.sshd import serve
from vibhar.edge.measuring import keep, run_bundles
from vibhar.edge.summary import describe_measurement, summarise_parts, summarise_samples
from vibhar.errors import InputError
from vibhar.stages.edge.latency import bench_arguments, measure_latency

SETTINGS = {"runtimes": ["numpy", "c"], "batches": [1, 3], "queries": 32, "seconds": 0, "warmup": 2, "core": None}


def test_bundles_take_turns_and_every_sample_is_there(tmp_path: Path) -> None:
    bundles = [make_bundle(tmp_path / name, make_classifier(20, 9)) for name in ("naive", "vib")]
    lines = list(run_bundles(bundles, "naive/bench.py", bench_arguments(bundles, SETTINGS), None))
    events = [json.loads(line) for line in lines]
    samples = [event for event in events if event["event"] == "samples"]
    assert [event["bundle"] for event in samples] == ["naive", "vib"] * (len(samples) // 2)
    table = summarise_samples(samples)
    assert set(zip(table["bundle"], table["runtime"], table["batch"], strict=True)) == {
        (bundle, runtime, batch) for bundle in ("naive", "vib") for runtime in ("numpy", "c") for batch in (1, 3)
    }
    assert (table["queries"] == 32).all() and (table["p50_us"] > 0).all()
    assert [event["when"] for event in events if event["event"] == "machine"] == ["before", "after"]
    memory = {(event["bundle"], event["runtime"]): event["bytes"] for event in events if event["event"] == "memory"}
    assert memory["vib", "c"] < 8e6 < memory["vib", "numpy"]


def test_a_board_is_measured_over_ssh(tmp_path: Path) -> None:
    bundles = [make_bundle(tmp_path / name, make_classifier(20, 9)) for name in ("naive", "vib")]
    programs = tmp_path / "board" / "programs"
    programs.mkdir(parents=True)
    (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')  # with numpy, without a compiler
    (programs / "python3").chmod(0o755)
    with serve(tmp_path / "board", path=programs) as server:
        files = {key: str(getattr(server.board, key)) for key in ("key", "known_hosts")}
        settings = SETTINGS | {"where": "ssh", "ssh": server.board._asdict() | files, "with_cnn": False}
        measure_latency(
            bundles=bundles, clips=tmp_path, root=tmp_path, latency=tmp_path / "latency.json", settings=settings
        )
        assert not list(server.temporary.iterdir())
    measured = json.loads((tmp_path / "latency.json").read_text())
    assert measured["where"] == "ssh"
    assert {(event["bundle"], event["runtime"]) for event in measured["samples"]} == {
        ("naive", "numpy"),
        ("vib", "numpy"),
    }
    assert "no C compiler" in measured["missing"][0]["reason"]
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_run_that_fails_keeps_what_was_measured(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield '{"event": "samples", "nanoseconds": [1]}'
        raise InputError("The connection to the board was lost.")

    with pytest.raises(InputError, match=r"was lost. What was measured until then is kept in .*journal"):
        keep(lines(), tmp_path / "journal")
    assert json.loads((tmp_path / "journal").read_text()) == {"event": "samples", "nanoseconds": [1]}


def test_a_program_that_fails_here_is_told(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(20, 9))
    with pytest.raises(InputError, match="core 4096 cannot be had"):
        list(run_bundles([bundle], "naive/bench.py", ["--core", "4096"], None))


def sample(bundle: str, runtime: str, nanoseconds: list[int]) -> dict:
    return {"bundle": bundle, "runtime": runtime, "batch": 1, "frames": 8, "nanoseconds": nanoseconds}


def test_ratios_are_of_medians_in_one_runtime_and_to_the_fastest_exact_one() -> None:
    table = summarise_samples(
        [
            sample("naive", "torch", [9000, 9000]),
            sample("naive", "torch", [1000]),
            sample("vib", "torch", [3000]),
            sample("naive", "onnxruntime", [6000]),
            sample("naive", "onnxruntime-int8", [500]),
            sample("vib", "c", [1000, 2000, 3000]),
        ]
    ).set_index(["bundle", "runtime"])
    assert table.loc[("naive", "torch"), "p50_us"] == 9
    assert table.loc[("vib", "torch"), "speedup"] == 3
    assert table.loc[("vib", "torch"), "speedup_of_fastest"] == 2
    assert table.loc[("vib", "c"), "speedup_of_fastest"] == 3
    assert table["speedup"].isna()["vib", "c"]
    assert table.loc[("vib", "c"), "sd_us"] == 1


def test_shares_of_the_pipeline_are_of_each_models_own_whole() -> None:
    def part(bundle: str, name: str, milliseconds: float) -> dict:
        return {"bundle": bundle, "part": name, "nanoseconds": [milliseconds * 1e6], "bytes": 1e6}

    parts = [
        part("naive", "decode", 6),
        part("naive", "cnn", 2),
        part("naive", "recurrent", 2),
        part("vib", "recurrent", 0),
    ]
    shares = {(row["model"], row["part"]): row["share"] for row in summarise_parts(parts)}
    assert shares["naive", "recurrent"] == "20%" and shares["vib", "recurrent"] == "0%"
    assert shares["naive", "decode"] == "60%" and shares["vib", "decode"] == "75%"


def test_an_emulator_is_no_timing() -> None:
    machine = {"board": None, "processor": "x", "emulated": True}
    assert "not a timing" in describe_measurement({"where": "local", "machine": [machine]})
    assert describe_measurement({"where": "none"}) == "not measured"
    board = {"board": "Raspberry Pi 3 Model B", "processor": "x", "emulated": False}
    assert describe_measurement({"where": "ssh", "machine": [board]}) == "one core of Raspberry Pi 3 Model B, over ssh"


@pytest.mark.slow
def test_the_papers_naive_model_leaves_room_on_a_gigabyte(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "naive", make_classifier(2048, 2048, features=2048, classes=11), features=2048)
    settings = SETTINGS | {"runtimes": ["onnxruntime", "onnxruntime-int8", "numpy", "c"], "batches": [10], "queries": 1}
    lines = run_bundles([bundle], "naive/bench.py", bench_arguments([bundle], settings), None)
    peaks = {event["runtime"]: event["bytes"] for event in map(json.loads, lines) if event["event"] == "memory"}
    assert len(peaks) == 4
    assert max(peaks.values()) < 600e6
