"""First layer of TS-LSTM (Ma et al. 2019): batch norm and max pooling per temporal segment.

Dimensions: B clips, T frames, S segments, D features of a frame.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.errors import InputError


class TemporalSegments(nn.Module):
    """S equal segments of T // S frames, each with its own batch norm; the last T % S frames are dropped.

    The statistics of a segment are over clips and frames. With `pool` the LSTM gets the maximum over each segment's
    frames (S steps), without it the normalised frames in order (S (T // S) steps).
    """

    def __init__(self, inputs: int, segments: int = 3, *, pool: bool = True) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm1d(inputs) for _ in range(segments))
        self.pool = pool

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B steps D"]:
        """Return the normalised (and pooled) segments. Raises InputError if there are more segments than frames."""
        length = x.shape[1] // len(self.norms)
        if not length:
            raise InputError(
                f"{x.shape[1]} frames cannot be divided in {len(self.norms)} temporal segments. Raise "
                "`sampling.frames` or lower `temporal_segments.segments` in the config."
            )
        parts = x.mT.split(length, dim=2)  # of dropped frames there may be a part more
        normed = [norm(part) for norm, part in zip(self.norms, parts, strict=False)]
        return torch.cat([part.amax(dim=2, keepdim=True) if self.pool else part for part in normed], dim=2).mT

    @torch.no_grad()
    def narrowed(self, inputs: Int[Tensor, " d"]) -> "TemporalSegments":
        """Return a copy for the given inputs only, which computes the same for them in evaluation mode."""
        narrow = TemporalSegments(len(inputs), len(self.norms), pool=self.pool)
        state = {name: entry[inputs] if entry.dim() else entry for name, entry in self.state_dict().items()}
        narrow.load_state_dict(state)
        return narrow.to(next(self.parameters())).train(self.training)
