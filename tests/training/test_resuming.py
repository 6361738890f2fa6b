"""What a killed stage has finished is not done again, and the numbers are those of a run that nobody disturbed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from tests.models.toys import bumps
from tests.videos.clips import write_clip
from vibhar.compression.modules import VIBLSTM
from vibhar.models.classifier import RecurrentClassifier, parameter_groups
from vibhar.stages.data import frames as frames_stage
from vibhar.stages.data.frames import sample_frames
from vibhar.training.loop import Schedule, label_loss, train
from vibhar.training.resuming import Checkpoint, finish, unfinished
from vibhar.training.target import BetaGrowth, Goal
from vibhar.workflow import provenance

SETTINGS = {"sampling": {"strategy": "segment", "frames": 3, "views": 1, "seed": 0}, "seconds_per_clip": 60}


def identify() -> str:
    """The identity of the only work here."""
    return "work"


class Killed(BaseException):
    """In place of the signal."""


class KillAfter(BetaGrowth):
    """A growth to a target that nothing meets, which the training does not survive beyond some epoch."""

    def __init__(self, classifier: RecurrentClassifier, epochs: int) -> None:
        super().__init__(classifier, Goal(parameters=1), first_epoch=1, growth=1.5, input_growth=2.0)
        self.epochs = epochs

    def __call__(self, epoch: int, validation_accuracy: float) -> bool:
        if epoch >= self.epochs:
            raise Killed
        return super().__call__(epoch, validation_accuracy)


def fit(checkpoint: Checkpoint | None, *, epochs: int = 99, keep: str = "best") -> tuple[pd.DataFrame, Any]:
    """Train a gated classifier with dropout, from the same start, until it is killed after some epochs."""
    torch.manual_seed(0)
    recurrent = VIBLSTM(6, 5, batch_first=True, noise="example")
    model = RecurrentClassifier(recurrent, nn.Linear(5, 2), readout="last", dropout=0.3, beta=1e-4, input_beta=1e-4)
    schedule = Schedule(8, 16, 1e-2, gate_learning_rate=1e-2, penalty_warmup=0.5, keep=keep)
    training, validation = (bumps(40, seed, frames=4, dim=6, bump=slice(2)) for seed in (0, 1))
    growth = KillAfter(model, epochs)
    groups, loss = parameter_groups(model), label_loss(schedule)
    rows = train(model, groups, training, validation, schedule, loss, seed=0, after_epoch=growth, checkpoint=checkpoint)
    return rows, [model.state_dict(), model.beta, model.input_beta]


@pytest.mark.parametrize("keep", ["best", "last"])
def test_a_killed_training_goes_on_to_the_same_numbers(tmp_path: Path, keep: str) -> None:
    expected, (state, *betas) = fit(None, keep=keep)
    file = tmp_path / "checkpoint"
    for epochs in (3, 4, 6):
        with pytest.raises(Killed):
            fit(Checkpoint(file, identify, seconds=0), epochs=epochs, keep=keep)
        assert len(torch.load(file)["progress"]["history"]) == epochs
    rows, (resumed, *grown) = fit(Checkpoint(file, identify, seconds=0), keep=keep)
    pd.testing.assert_frame_equal(rows, expected)
    assert grown == betas
    assert all(torch.equal(resumed[name], tensor) for name, tensor in state.items())


def test_no_epoch_before_the_checkpoint_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "checkpoint"
    with pytest.raises(Killed):
        fit(Checkpoint(file, identify, seconds=0), epochs=5)
    trained = []
    backward = torch.Tensor.backward

    def counted(tensor: torch.Tensor) -> None:
        trained.append(tensor)
        backward(tensor)

    monkeypatch.setattr(torch.Tensor, "backward", counted)
    fit(Checkpoint(file, identify, seconds=0))
    assert len(trained) == 3 * 3  # epochs 5, 6 and 7, of three batches


def damage(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def other_version(file: Path) -> None:
    torch.save({**torch.load(file), "identity": "of another version"}, file)


@pytest.mark.parametrize(("change", "message"), [(damage, "cannot be read"), (other_version, "of another version")])
def test_a_checkpoint_that_is_of_no_use_is_told_and_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], None], message: str
) -> None:
    file = tmp_path / "checkpoint"
    with pytest.raises(Killed):
        fit(Checkpoint(file, identify, seconds=0), epochs=5)
    change(file)
    rows, _ = fit(Checkpoint(file, identify, seconds=0))
    assert message in capsys.readouterr().out
    pd.testing.assert_frame_equal(rows, fit(None)[0])


def test_a_checkpoint_is_not_written_more_often_than_asked(tmp_path: Path) -> None:
    fit(Checkpoint(tmp_path / "checkpoint", identify, seconds=3600))
    assert not (tmp_path / "checkpoint").exists()


def test_what_another_work_has_begun_is_cleared(tmp_path: Path) -> None:
    target = tmp_path / "frames"
    (unfinished(target, "one") / "clip").touch()
    assert (unfinished(target, "one") / "clip").exists()
    assert not (unfinished(target, "another") / "clip").exists()
    finish(unfinished(target, "another"), target)
    assert target.is_dir() and not list(target.iterdir())


def test_another_file_of_the_same_name_is_another_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "store.npy"
    given.write_text("one")
    monkeypatch.setattr(provenance.sys, "argv", ["program", str(given), "x" * 10_000])
    before = provenance.work_identity()
    given.write_text("another")
    assert provenance.work_identity() != before


def test_finished_clips_are_not_decoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"clip{number}.avi" for number in range(5)]
    for name in names:
        write_clip(tmp_path / name)
    (tmp_path / names[1]).write_bytes(b"broken")
    listing = tmp_path / "listing.parquet"
    pd.DataFrame({"clip": names, "path": names}).to_parquet(listing)
    decoded: list[list[str]] = []
    decode_clips = frames_stage.decode_clips

    def dying(tasks: list, **options: Any) -> Iterator:
        decoded.append([task.clip for task in tasks])
        for number, record in enumerate(decode_clips(tasks, **options)):
            yield record
            if number == 2 and len(decoded) == 1:
                raise Killed

    def sample(folder: str) -> pd.DataFrame:
        frames = tmp_path / folder / "frames"
        sample_frames(listing=listing, root=tmp_path, frames=frames, shard=0, shards=1, threads=1, settings=SETTINGS)
        assert len(list(frames.glob("*.safetensors"))) == 4
        return pd.read_parquet(frames / "decoded.parquet")

    monkeypatch.setattr(frames_stage, "decode_clips", dying)
    with pytest.raises(Killed):
        sample("killed")
    assert not (tmp_path / "killed/frames").exists()
    resumed = sample("killed")
    assert decoded == [names, names[3:]]
    pd.testing.assert_frame_equal(resumed, sample("undisturbed"))
    assert list(resumed["status"]) == ["ok", "unreadable", "ok", "ok", "ok"]


def test_a_journal_that_is_cut_off_gives_its_whole_lines(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.avi")
    task = frames_stage.plan("clip", tmp_path / "clip.avi", tmp_path, **SETTINGS["sampling"])  # type: ignore[arg-type]
    journal = tmp_path / "records.jsonl"
    whole = list(frames_stage.decode_the_rest([task, task], journal, workers=1, seconds=60))
    journal.write_text(journal.read_text()[:-20])
    assert list(frames_stage.decode_the_rest([task, task], journal, workers=1, seconds=60)) == whole
    assert len(journal.read_text().splitlines()) == 2


def test_arrays_of_finished_clips_are_kept(tmp_path: Path) -> None:
    folder = unfinished(tmp_path / "shard.npy", "work")
    np.save(folder / "clip.npy", np.ones(3))
    assert np.load(unfinished(tmp_path / "shard.npy", "work") / "clip.npy").sum() == 3
