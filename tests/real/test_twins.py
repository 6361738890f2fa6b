"""The two clips of the real UCF101 sample that are the same bytes are found, and no others."""

from pathlib import Path

from tests.stages.test_index import SAMPLING
from vibhar.datasets import list_dataset
from vibhar.datasets.duplicates import describe_twins
from vibhar.stages.data.frames import decode_the_rest, plan


def test_basketball_g01_c07_is_g05_c03(real_data: Path, tmp_path: Path) -> None:
    root = real_data / "ucf101"
    clips = list_dataset("ucf101", root, classes=["Basketball"]).clips
    tasks = [
        plan(clip, root / path, tmp_path, **SAMPLING) for clip, path in zip(clips["clip"], clips["path"], strict=True)
    ]
    records = decode_the_rest(tasks, tmp_path / "journal", workers=2, seconds=60)
    contents = {record.clip: record.content for record in records}
    twins = describe_twins(clips.assign(content=clips["clip"].map(contents)), ["split1"], None)
    assert twins["equal"] == [["Basketball/v_Basketball_g01_c07", "Basketball/v_Basketball_g05_c03"]]
    assert twins["crossing"] == {"split1": {}}
