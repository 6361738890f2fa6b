"""Features from elsewhere: every format, what is refused and why, the user's list of clips, and the store."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from scipy.io import savemat

from vibhar.datasets.arrays import UnreadableArray, read_array
from vibhar.datasets.clip_list import list_arrays
from vibhar.errors import InputError
from vibhar.features.store import open_split
from vibhar.stages.data.index_arrays import index_arrays
from vibhar.stages.data.summary import summarise_clips
from vibhar.stages.features.store_arrays import store_arrays
from vibhar.videos.sampling import clip_seed, sample_indices

FEATURES = np.arange(12, dtype=np.float32).reshape(4, 3)
SAMPLING = {"strategy": "segment", "frames": 5, "views": 3, "seed": 7}
Rows = list[tuple[str, ...]]


def write(path: Path, **arrays: Any) -> Path:
    """Some arrays in a file of the format that its suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, *arrays.values())
    elif path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".safetensors":
        save_file({name: torch.as_tensor(array) for name, array in arrays.items()}, path)
    else:
        savemat(path, arrays)
    return path


@pytest.mark.parametrize("suffix", ["npy", "npz", "safetensors", "mat", "NPY"])
def test_each_format_gives_its_array(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix.lower()}", x=FEATURES).rename(tmp_path / f"b.{suffix}")
    np.testing.assert_array_equal(read_array(path), FEATURES)


@pytest.mark.parametrize("suffix", ["npz", "safetensors", "mat"])
def test_of_several_arrays_the_one_called_features_is_taken(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", features=FEATURES, flow=FEATURES + 1)
    np.testing.assert_array_equal(read_array(path), FEATURES)
    path = write(tmp_path / f"b.{suffix}", rgb=FEATURES, flow=FEATURES.copy())
    with pytest.raises(UnreadableArray, match=r"2 arrays \(flow, rgb\), of which none is called `features`"):
        read_array(path)


def test_bfloat16_and_integers_are_read(tmp_path: Path) -> None:
    half = write(tmp_path / "a.safetensors", x=torch.from_numpy(FEATURES).bfloat16())
    np.testing.assert_array_equal(read_array(half), FEATURES)
    np.testing.assert_array_equal(read_array(write(tmp_path / "a.npy", x=FEATURES.astype(np.int16))), FEATURES)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (FEATURES[0], r"shape \[3\], not \[frames, dim\]"),
        (FEATURES[None], r"shape \[1, 4, 3\], not"),
        (FEATURES[:0], r"empty array of shape \[0, 3\]"),
        (np.array([[1.0, np.nan]]), "not all values are finite"),
        (np.array([[1.0, -1e5]]), "beyond float16's range"),
        (np.array([["a"]]), "not of real numbers"),
        (np.array([[1j]]), "not of real numbers"),
        (np.array([[None]]), "Object arrays cannot be loaded"),
    ],
)
def test_what_is_no_features_is_refused_with_the_reason(tmp_path: Path, array: np.ndarray, reason: str) -> None:
    with pytest.raises(UnreadableArray, match=reason):
        read_array(write(tmp_path / "a.npy", x=array))


@pytest.mark.parametrize("suffix", ["npy", "npz", "safetensors"])
def test_a_file_that_is_not_what_it_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    for content in (b"", b"404: not found"):
        path.write_bytes(content)
        with pytest.raises(UnreadableArray):
            read_array(path)


def test_matlab_7_3_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF")
    with pytest.raises(InputError, match=r"version 7\.3, which is HDF5"):
        read_array(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of four groups, a clip each, in folders of the classes."""
    for row, clip in enumerate(f"{label}/{label}{group}" for label in ("jump", "walk") for group in range(4)):
        write(tmp_path / f"arrays/{clip}.npy", x=FEATURES + row)
    return tmp_path / "arrays"


def all_rows() -> Rows:
    """A row a clip by its stem; the last group is tested."""
    return [
        (f"{label}{group}", label, f"p{group}", "test" if group == 3 else "train")
        for label in ("jump", "walk")
        for group in range(4)
    ]


def write_table(root: Path, rows: Rows) -> Path:
    table = root.parent / "clips.csv"
    pd.DataFrame(rows, columns=["clip", "label", "group", "split1"]).to_csv(table, index=False)
    return table


def message_of(root: Path, rows: Rows, **arguments: Any) -> str:
    with pytest.raises(InputError) as raised:
        list_arrays(write_table(root, rows), root, splits=["split1"], **arguments)
    return str(raised.value)


def test_clips_by_stem_and_path_with_or_without_suffix(root: Path) -> None:
    rows = all_rows()
    rows[0] = ("jump/jump0", *rows[0][1:])
    rows[5] = ("walk/walk1.npy", *rows[5][1:])
    clips = list_arrays(write_table(root, rows), root, splits=["split1"]).clips
    assert set(clips["path"]) == {f"{label}/{label}{group}.npy" for label in ("jump", "walk") for group in range(4)}
    assert (clips["path"] == clips["label"] + "/" + clips["label"] + clips["group"].str[1:] + ".npy").all()


def test_validation_is_cut_in_whole_groups_where_there_is_none(root: Path) -> None:
    clips = list_arrays(write_table(root, all_rows()), root, splits=["split1"], validation=0.3).clips
    assert clips["split1"].value_counts().to_dict() == {"train": 4, "validation": 2, "test": 2}
    assert clips.groupby("group")["split1"].nunique().eq(1).all()


def test_validation_of_the_users_own_is_kept(root: Path) -> None:
    own = {"p1": "validation", "p3": "test"}
    rows = [(*row[:3], own.get(row[2], "train")) for row in all_rows()]
    clips = list_arrays(write_table(root, rows), root, splits=["split1"]).clips
    assert clips["split1"].tolist() == [own.get(group, "train") for group in clips["group"]]


def test_missing_and_unlisted_clips_are_named(root: Path) -> None:
    rows = [("gone", "walk", "p1", "train"), *all_rows()[:-1]]
    listing = list_arrays(write_table(root, rows), root, splits=["split1"])
    assert (listing.missing, listing.unlisted) == (["gone"], ["walk/walk3.npy"])
    assert len(listing.clips) == 7


def test_classes_restrict_the_list(root: Path) -> None:
    listing = list_arrays(write_table(root, all_rows()), root, splits=["split1"], classes=["walk"])
    assert set(listing.clips["label"]) == {"walk"}
    assert not listing.unlisted


def test_messages_of_lists_that_cannot_be_used(root: Path) -> None:
    rows = all_rows()
    assert "lists the clip 'jump0.npy' twice" not in message_of(root, [*rows, rows[0]])
    assert "lists the clip 'jump/jump0.npy' twice" in message_of(root, [*rows, ("jump/jump0.npy", *rows[0][1:])])
    assert "'val' for the clip 'jump0' in column `split1`" in message_of(root, [(*rows[0][:3], "val"), *rows[1:]])
    assert "no label in line 2" in message_of(root, [("jump0", "", "p0", "train"), *rows[1:]])
    assert "has no test clip" in message_of(root, [(*row[:3], "train") for row in rows])
    assert "'p3' stands on more than one side" in message_of(root, [(*rows[3][:3], "train"), *rows[:3], *rows[4:]])
    assert "it names 'a', the disk holds 'jump/jump0.npy'" in message_of(root, [("a", "b", "c", "test")])
    write(root / "walk/jump0.npz", x=FEATURES)
    assert "may be any of jump/jump0.npy, walk/jump0.npz" in message_of(root, rows)


def test_messages_of_files_that_are_not_there(root: Path, tmp_path: Path) -> None:
    table = write_table(root, all_rows())
    with pytest.raises(InputError, match=r"has no column `split2`; it has clip, label, group, split1\. Add"):
        list_arrays(table, root, splits=["split2"])
    with pytest.raises(InputError, match=r"nowhere\.csv cannot be opened"):
        list_arrays(tmp_path / "nowhere.csv", root, splits=["split1"])
    with pytest.raises(InputError, match="nowhere does not exist"):
        list_arrays(table, tmp_path / "nowhere", splits=["split1"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="No array was found"):
        list_arrays(table, tmp_path / "empty", splits=["split1"])
    for content in (b"", b"\xff\xfe\x00", b'clip,"label\n'):
        table.write_bytes(content)
        with pytest.raises(InputError, match="is not a CSV file in UTF-8"):
            list_arrays(table, root, splits=["split1"])


def index(root: Path, limit: float) -> pd.DataFrame:
    """The index of the clips at `root`, as the stages write it, and its summary."""
    settings = {"splits": ["split1"], "classes": None, "validation": 0.3, "drop": None, "content": ""}
    clips, found, summary = (root.parent / name for name in ("clips.parquet", "found.json", "clips.json"))
    table = write_table(root, all_rows())
    index_arrays(table=table, root=root, clips=clips, found=found, settings=settings)
    allowed = {"max_unreadable": limit, "splits": ["split1"], "kind": "features", "tables": [], "near_duplicates": None}
    summarise_clips(clips=clips, found=found, root=root, summary=summary, settings=allowed)
    return pd.read_parquet(clips)


def test_the_store_holds_the_rows_that_sampling_chooses(root: Path) -> None:
    index(root, 0.0)
    clips, store = root.parent / "clips.parquet", root.parent / "store.npy"
    store_arrays(clips=clips, root=root, store=store, settings={"sampling": SAMPLING})
    stored = np.load(store)
    assert (stored.shape, stored.dtype) == ((8, 3, 1, 5, 3), np.float16)
    chosen = sample_indices("segment", 5, 4, 3, clip_seed("walk2", 7))
    np.testing.assert_array_equal(stored[6, :, 0], (FEATURES + 6)[chosen])
    data = open_split(store, clips, "split1", strategy="segment")
    assert (len(data.training), len(data.validation), len(data.test), data.dim) == (4, 2, 2, 3)
    assert data.classes == ["jump", "walk"]


def test_arrays_that_cannot_be_used_are_recorded_and_left_out(root: Path) -> None:
    write(root / "walk/walk2.npy", x=FEATURES[:, :2])
    (root / "jump/jump1.npy").write_text("moved")
    clips = index(root, 0.25).set_index("clip")
    reasons = clips["reason"][clips["status"] == "unreadable"]
    assert set(reasons.index) == {"jump1", "walk2"}
    assert reasons["walk2"] == "2 features a frame, where most clips have 3"
    store = root.parent / "store.npy"
    store_arrays(clips=root.parent / "clips.parquet", root=root, store=store, settings={"sampling": SAMPLING})
    assert np.load(store).shape == (6, 3, 1, 5, 3)
    assert "2 unreadable" in (root.parent / "clips.json").read_text()


def test_too_many_of_them_stop_the_run_with_their_list(root: Path) -> None:
    write(root / "walk/walk2.npy", x=FEATURES[:, :2])
    with pytest.raises(InputError, match=r"1 of 8 clips .* walk/walk2.npy \(2 features a frame"):
        index(root, 0.1)
