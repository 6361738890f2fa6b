"""A classifier under a group lasso on its hidden units, and the dense classifier that the lasso leaves (ISS)."""

import copy

from jaxtyping import Float
from torch import Tensor, nn

from vibhar.compression.group_lasso import group_norms, prune_groups
from vibhar.models.classifier import RecurrentClassifier


class GroupLassoClassifier(nn.Module):
    """A classifier whose penalty is `strength` times the sum of its groups' norms."""

    def __init__(self, classifier: RecurrentClassifier, strength: float) -> None:
        super().__init__()
        self.classifier = classifier
        self.strength = strength

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B C"]:
        """The classifier's logits."""
        return self.classifier(x)

    def penalty(self) -> Float[Tensor, ""]:
        """R = strength * sum over units of the norm of their group (Eq 16)."""
        assert isinstance(self.classifier.recurrent, nn.LSTM | nn.GRU)
        return self.strength * group_norms(self.classifier.recurrent, self.classifier.head).sum()


def prune_lasso(model: GroupLassoClassifier, threshold: float) -> RecurrentClassifier:
    """The dense classifier of the units whose group norm is above `threshold`. Raises NothingLeft where none is."""
    whole = model.classifier
    assert isinstance(whole.recurrent, nn.LSTM | nn.GRU)
    small, head, _ = prune_groups(whole.recurrent, whole.head, threshold)
    norm, segments = copy.deepcopy((whole.norm, whole.segments))
    return RecurrentClassifier(small, head, norm=norm, segments=segments, readout=whole.readout, inputs=whole.inputs)
