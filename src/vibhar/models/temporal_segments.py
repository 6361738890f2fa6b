"""The front of TS-LSTM (Ma et al. 2019): each temporal segment is normalised on its own, and pooled over its frames.

Dimensions: B clips, T frames, S segments, D features of a frame.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vibhar.errors import InputError


class TemporalSegments(nn.Module):
    """S equal stretches of T // S frames, the last T % S frames dropped, each with a batch norm of its own.

    The statistics of a segment are over clips and frames. With `pool` the LSTM sees the maximum over each segment's
    frames, S steps; without it the normalised frames in order, S (T // S) steps.
    """

    def __init__(self, inputs: int, segments: int = 3, *, pool: bool = True) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm1d(inputs) for _ in range(segments))
        self.pool = pool

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B steps D"]:
        """The segments. Raises InputError where there are more of them than frames."""
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
        """A copy for some inputs alone, which gives of them in evaluation what this one gives."""
        narrow = TemporalSegments(len(inputs), len(self.norms), pool=self.pool)
        state = {name: entry[inputs] if entry.dim() else entry for name, entry in self.state_dict().items()}
        narrow.load_state_dict(state)
        return narrow.to(next(self.parameters())).train(self.training)
