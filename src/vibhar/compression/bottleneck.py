"""The variational information bottleneck: one learned noisy gate per unit (Eqs 3 to 7 and 9 of the paper).

A unit's activation f is multiplied by z = mu + sigma * eps with eps ~ N(0, 1). The bound on the information that the
unit carries, minimised over its prior, is KL = 1/2 log(1 + alpha) with alpha = mu^2 / sigma^2; a term that does not
depend on mu and sigma (Psi, Eq 7) is left out, as in the paper. A unit with a small alpha carries mostly noise and can
be cut.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import softplus

INITIAL_LOG_VARIANCE = -9.0  # alpha starts at e^9: every unit is open, with almost no noise
OPEN_LOG_VARIANCE = -80.0  # noise below the precision of float64
EPSILON = 1e-8  # keeps log(mu^2) finite
NOISES = ("sequence", "example", "once")


class Bottleneck(nn.Module):
    """Gates z on `units` units; mu and log sigma^2 start near 1 and -9, as in VIBNet (Dai et al. 2018).

    `noise` says how often eps is drawn. "sequence": one vector per call, shared by all time steps and all examples of
    the batch (the "random shared vector" of Eq 3). "example": one vector per example, as in VIBNet. "once": one shared
    vector at the first call, after which z = mu, as in the paper's released code; the state dict does not record
    whether it has been drawn. Raises ValueError for any other noise, and for a threshold of alpha that is not above 0.
    """

    def __init__(self, units: int, threshold: float = 1.0, noise: str = "sequence") -> None:
        super().__init__()
        if noise not in NOISES:
            raise ValueError(f"noise is one of {', '.join(NOISES)}, not {noise!r}")
        if not threshold > 0:
            raise ValueError(f"the threshold of alpha is above 0, not {threshold!r}")
        self.threshold = threshold
        self.noise = noise
        self.drawn = False
        self.mean = nn.Parameter(torch.normal(1.0, 0.01, (units,)))
        self.log_variance = nn.Parameter(torch.normal(INITIAL_LOG_VARIANCE, 0.01, (units,)))

    @torch.no_grad()
    def stay_open(self) -> None:
        """Switch the bottleneck off for good: mu = 1, no noise, no gradients."""
        self.mean.fill_(1.0)
        self.log_variance.fill_(OPEN_LOG_VARIANCE)
        self.requires_grad_(False)

    def sample(self, batch: int) -> Float[Tensor, "B_or_1 units"]:
        """Draw z = mu + sigma * eps for a batch (Eq 3); the caller applies the same z at every time step."""
        if self.noise == "once" and self.drawn:
            return self.mean[None]
        self.drawn = True
        rows = batch if self.noise == "example" else 1
        eps = torch.randn(rows, len(self.mean), device=self.mean.device, dtype=self.mean.dtype)
        return self.mean + eps * torch.exp(0.5 * self.log_variance)

    def log_alpha(self) -> Float[Tensor, " units"]:
        """Return log alpha = log(mu^2 / sigma^2) of each unit (Eqs 9 and 14), in float32 for half precision."""
        mean, log_variance = at_least_single(self.mean), at_least_single(self.log_variance)
        return log_square(mean) - log_variance

    def kl(self) -> Float[Tensor, ""]:
        """Return the information bound 1/2 sum log(1 + alpha), in nats (Eq 6), in float32 for half precision."""
        return 0.5 * softplus(self.log_alpha()).sum()

    def mask(self) -> Bool[Tensor, " units"]:
        """Return True for the units to keep: those whose alpha is above the threshold."""
        return self.log_alpha() > math.log(self.threshold)


def at_least_single(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """`x` itself, or in float32 where it is of half precision: there EPSILON is 0 and the square of 256 is infinite."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def log_square(x: Float[Tensor, " units"]) -> Float[Tensor, " units"]:
    """log(x^2 + EPSILON), and 2 log |x| where x^2 would overflow: value and gradient are finite for every finite x."""
    limit = 0.5 * torch.finfo(x.dtype).max ** 0.5
    large = x.abs() > limit
    ordinary = torch.log(torch.where(large, 1.0, x).square() + EPSILON)
    return torch.where(large, 2 * torch.log(torch.where(large, x, limit).abs()), ordinary)
