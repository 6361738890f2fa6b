"""A classifier with a group lasso penalty on its hidden units (ISS), and its pruning."""

import copy

from jaxtyping import Float
from torch import Tensor, nn

from vibhar.compression.group_lasso import group_norms, prune_groups
from vibhar.models.classifier import RecurrentClassifier


class GroupLassoClassifier(nn.Module):
    """A classifier whose penalty is `strength` times the sum of the norms of its weight groups."""

    def __init__(self, classifier: RecurrentClassifier, strength: float) -> None:
        super().__init__()
        self.classifier = classifier
        self.strength = strength

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """Return the classifier's logits."""
        return self.classifier(x)

    def penalty(self) -> Float[Tensor, ""]:
        """Return strength * sum over hidden units of the norm of their group (Eq 16)."""
        assert isinstance(self.classifier.recurrent, nn.LSTM | nn.GRU)
        return self.strength * group_norms(self.classifier.recurrent, self.classifier.head).sum()


def prune_lasso(model: GroupLassoClassifier, threshold: float) -> RecurrentClassifier:
    """Return the dense classifier of the units whose group norm is above `threshold`. Raises NothingLeft if none is."""
    whole = model.classifier
    assert isinstance(whole.recurrent, nn.LSTM | nn.GRU)
    small, head, _ = prune_groups(whole.recurrent, whole.head, threshold)
    norm, segments = copy.deepcopy((whole.norm, whole.segments))
    return RecurrentClassifier(small, head, norm=norm, segments=segments, readout=whole.readout, inputs=whole.inputs)
