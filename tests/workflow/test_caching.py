"""What is costly is kept by what it was made of: a config that is changed back finds it."""

import shutil

from tests.workflow.conftest import Workflow, merge

STORE = "results/tiny/features/small_cnn_flow.npy"
COSTLY = {"sample_frames", "compute_flow", "extract_features"}


def test_switching_a_value_and_back_computes_nothing_costly_again(completed: Workflow) -> None:
    config, before = completed.config, (completed.folder / STORE).read_bytes()
    completed.configure(merge(config, {"flow": {"bound": 3.0}}))
    assert {"compute_flow", "extract_features"} <= completed.stale(STORE).keys()
    assert completed.call(STORE).returncode == 0
    assert (completed.folder / STORE).read_bytes() != before
    completed.configure(config)
    assert not completed.stale("all").keys() & COSTLY
    assert completed.call(STORE).returncode == 0
    assert (completed.folder / STORE).read_bytes() == before


def test_an_empty_cache_makes_nothing_stale(completed: Workflow) -> None:
    done = completed.call("clear_cache")
    assert done.returncode == 0
    assert "entries of the cache removed" in done.stdout
    assert not list((completed.folder / "results/tiny/flow").iterdir())
    assert not completed.stale("all")


def test_what_no_longer_fits_the_cache_goes_at_the_end_of_a_run(completed: Workflow) -> None:
    config = completed.config
    completed.configure(merge(config, {"cache": {"gigabytes": 0}, "flow": {"bound": 3.0}}))
    old = {path.name for path in (completed.folder / "results/tiny/flow").iterdir()}
    done = completed.call(STORE)
    assert done.returncode == 0
    assert "left the cache" in done.stderr
    kept = {path.name for path in (completed.folder / "results/tiny/flow").iterdir()}
    assert kept
    assert not kept & old


def test_a_clip_more_touches_one_shard(finished: Workflow, workflow: Workflow) -> None:
    videos = workflow.folder / "videos"
    shutil.copytree(finished.folder / "results/rendered/tiny", videos)
    config = workflow.config
    config["data"]["shards"] = 5
    config["datasets"]["tiny"] = {"kind": "ucf11", "root": "videos", "splits": ["group1"]}
    workflow.configure(config)
    store = "results/tiny/features/small_cnn.npy"
    assert workflow.call(store).returncode == 0
    clip = min(videos.rglob("*.mpg"))
    shutil.copy(clip, clip.with_name(clip.name.replace("_01.mpg", "_99.mpg")))
    stale = workflow.stale(store)
    assert (stale["sample_frames"], stale["extract_features"]) == (1, 1)
