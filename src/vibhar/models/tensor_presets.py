"""Modes and ranks of tensorised input maps: published ones for the published sizes, else balanced ones."""

from math import prod

from vibhar.errors import InputError
from vibhar.models.tensor_maps import Modes, TensorNetwork, block_term, hierarchical_tucker, tensor_ring, tensor_train

KINDS = ("tt", "bt", "tr", "ht")

# (inputs, outputs): the modes of TT, BT and HT. 160 x 120 RGB pixels to the gates of 256 units (Yang et al. 2017).
MODES = {(57_600, 1_024): ((8, 20, 20, 18), (16, 4, 4, 4))}

# (inputs, outputs): the modes and ranks of TR. The second is TedNet's for CNN features (Pan et al. 2019).
RINGS = {
    (57_600, 1_024): ((4, 2, 5, 8, 6, 5, 3, 2), (16, 4, 2, 4, 2), (10, *(12 * (5,)))),
    (2_048, 8_192): ((64, 32), (128, 64), (40, 60, 48, 48)),
}
RING_COMPRESSION = 2_048 * 8_192 / 663_552  # 25.3, which TR-LSTM publishes for CNN features


def build_map(kind: str, inputs: int, outputs: int) -> TensorNetwork:
    """Build the map `kind` (tt, bt, tr or ht) from `inputs` to `outputs` features.

    From 57,600 to 1,024 features it has 3,360 (TT), 3,392 (BT), 1,725 (TR) or 1,255 (HT) parameters. The published
    counts are the same, except 1,245 for HT, whose ranks are not published: 3 and 7 come nearest. The count of TR
    follows from ranks of 5 with a closing rank of 10. For other sizes, TT, BT and HT take four balanced modes per side
    and the same ranks; TR takes two modes per side, as TedNet does, and the uniform rank that gives TedNet's
    compression of 25.3. Raises InputError if a size has too few prime factors.
    """
    if kind == "tr":
        return tensor_ring(*RINGS.get((inputs, outputs)) or balanced_ring(inputs, outputs))
    modes = MODES.get((inputs, outputs)) or (balanced_modes(inputs, 4), balanced_modes(outputs, 4))
    builders = {
        "tt": lambda: tensor_train(*modes, ranks=(4, 4, 4)),
        "bt": lambda: block_term(*modes, rank=4, blocks=2),
        "ht": lambda: hierarchical_tucker(*modes, leaf_rank=3, inner_rank=7),
    }
    return builders[kind]()


def balanced_ring(inputs: int, outputs: int) -> tuple[Modes, Modes, Modes]:
    """Return two modes per side, and the uniform rank that gives the same compression ratio as TedNet's ring."""
    modes = balanced_modes(inputs, 2), balanced_modes(outputs, 2)
    rank = round((inputs * outputs / RING_COMPRESSION / sum(map(sum, modes))) ** 0.5)
    return *modes, (max(rank, 1),) * 4


def balanced_modes(size: int, count: int) -> Modes:
    """Factorise `size` into `count` similar numbers above 1. Raises InputError if it has too few prime factors."""
    modes = [1] * count
    for prime in prime_factors(size):
        modes[modes.index(min(modes))] *= prime
    if min(modes) == 1:
        raise InputError(
            f"A tensorised LSTM cannot be built: {size}, which is the number of its features or four times its hidden "
            f"units, is no product of {count} numbers above 1. Take another `lstm.hidden` or other features, or take "
            "this kind of LSTM out of `table2.tensorized`."
        )
    return modes


def prime_factors(size: int) -> list[int]:
    """Return the prime factors of `size`, the largest first."""
    factors: list[int] = []
    divisor = 2
    while (rest := size // prod(factors)) > 1:
        if rest % divisor == 0:
            factors.append(divisor)
        else:
            divisor += 1
    return factors[::-1]
