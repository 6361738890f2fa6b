"""Stage: prune a gated classifier to a dense one, check that they agree, and fine-tune it."""

from pathlib import Path

import pandas as pd
import torch

from vibhar.compression.pruning import NothingLeft
from vibhar.features.store import ClipSet, open_split
from vibhar.files.writing import write_json
from vibhar.models.checkpoints import load_classifier, save_classifier
from vibhar.models.classifier import ConstantClassifier, RecurrentClassifier, prune_classifier
from vibhar.stages.command import Settings, run
from vibhar.training.finetuning import finetune
from vibhar.training.loop import Schedule
from vibhar.training.measures import report_run, report_size
from vibhar.training.resuming import checkpoint_beside
from vibhar.workflow.provenance import work_identity

TOLERANCE = 1e-5  # of the logits of the masked and the dense model


def prune_and_finetune(
    *,
    store: Path,
    clips: Path,
    naive: Path,
    gated: Path,
    pruned: Path,
    size: Path,
    model: Path,
    history: Path,
    metrics: Path,
    method: str,
    dataset: str,
    split: str,
    seed: int,
    knob: str,
    value: float,
    settings: Settings,
) -> None:
    """Write the pruned classifier and its size, then the fine-tuned one with its history and metrics.

    `knob` and `value` are beta, or the target of a growing beta. If everything was cut, the classifier is constant, and
    size.json says so.
    `settings`: threshold, dropout, input_dropout, distillation, training, strategy.
    """
    data = open_split(store, clips, split, strategy=settings["strategy"])
    masked = load_classifier(gated, threshold=settings["threshold"])
    dense, message = prune_or_explain(masked)
    identity = {
        "method": method,
        "dataset": dataset,
        "split": split,
        "seed": seed,
        knob: value,
        "nothing_left": message,
    }
    sizes = report_size(dense) | {"nothing_left": message}
    if isinstance(dense, RecurrentClassifier):
        sizes["masked_minus_dense"] = largest_difference(masked, dense, data.validation)
    write_json(sizes, size)
    save_classifier(dense, pruned)
    before = report_run(dense, data, **identity)
    rows = pd.DataFrame({"epoch": []})
    checkpoint = checkpoint_beside(model, work_identity, "finetuning")
    if isinstance(dense, RecurrentClassifier):
        rows = finetune(
            dense,
            load_classifier(naive),
            data,
            seed=seed,
            schedule=Schedule(**settings["training"]),
            distillation=settings["distillation"],
            dropout=settings["dropout"],
            input_dropout=settings["input_dropout"],
            checkpoint=checkpoint,
        )
    rows.to_csv(history, index=False)
    save_classifier(dense, model)
    write_json(report_run(dense, data, **identity) | {"before_finetuning": before}, metrics)
    checkpoint.discard()


def prune_or_explain(masked: RecurrentClassifier) -> tuple[RecurrentClassifier | ConstantClassifier, str | None]:
    """Return the dense classifier and None; or, if nothing is left, a constant one and the reason."""
    try:
        return prune_classifier(masked), None
    except NothingLeft as nothing:
        print(nothing)
        return ConstantClassifier.left_of(masked), str(nothing)


@torch.inference_mode()
def largest_difference(masked: RecurrentClassifier, dense: RecurrentClassifier, clips: ClipSet) -> float:
    """Return the largest difference of a logit over `clips`. Raises ArithmeticError if it is above TOLERANCE."""
    differences = [(masked(x) - dense.eval()(x)).abs().max() for x, _ in clips.ordered_batches(256)]
    largest = float(torch.stack(differences).max())
    if largest > TOLERANCE:
        raise ArithmeticError(f"the dense classifier differs from the masked one by {largest:g}")
    return largest


if __name__ == "__main__":
    run(prune_and_finetune)
