"""Linear maps with a factorised matrix (tensor train, block term, tensor ring, hierarchical Tucker).

The matrix W[O, D] is reshaped to a tensor W[m_1 .. m_K, n_1 .. n_K] of output and input modes. A factor is a dict from
the names of its indices to their sizes: n and m are modes, r are ranks, which are summed over.
Dimensions: D inputs, O outputs.
"""

import math
from collections.abc import Callable, Sequence
from itertools import chain
from string import ascii_letters

import torch
from jaxtyping import Float
from torch import Tensor, nn

Factor = dict[str, int]
Modes = Sequence[int]


class TensorNetwork(nn.Module):
    """The map x -> W x, where W is a contraction of `factors`; x is contracted with them one by one, in order.

    W itself is never built. The elements of W start with Xavier's variance, 2 / (D + O) (Glorot and Bengio 2010).
    """

    def __init__(self, inputs: Modes, outputs: Modes, factors: Sequence[Factor]) -> None:
        super().__init__()
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.in_features, self.out_features = math.prod(inputs), math.prod(outputs)
        ranks = {name: size for factor in factors for name, size in factor.items() if name[0] not in "mn"}
        variance = 2 / (self.in_features + self.out_features) / math.prod(ranks.values())
        deviation = variance ** (0.5 / len(factors))
        self.factors = nn.ParameterList(deviation * torch.randn(*factor.values()) for factor in factors)
        n, m = [f"n{k}" for k in range(len(inputs))], [f"m{k}" for k in range(len(outputs))]
        indices = [list(factor) for factor in factors]
        self.steps, self.whole = plan(["x", *n], indices, ["x", *m]), equation(indices, m + n)

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... O"]:
        """Return W x."""
        result = x.reshape(-1, *self.inputs)
        for step, factor in zip(self.steps, self.factors, strict=True):
            result = torch.einsum(step, result, factor)
        return result.reshape(*x.shape[:-1], self.out_features)

    def materialise(self) -> Float[Tensor, "O D"]:
        """Return the matrix W; for tests and small maps."""
        return torch.einsum(self.whole, *self.factors).reshape(self.out_features, self.in_features)


def plan(held: list[str], factors: Sequence[list[str]], output: list[str]) -> list[str]:
    """Return the einsum equation of each step. An index is summed over once no later factor nor the output has it."""
    steps = []
    for step, factor in enumerate(factors, 1):
        later = {*output, *chain(*factors[step:])}
        left = [name for name in dict.fromkeys([*held, *factor]) if name in later]
        after = left if step < len(factors) else output
        steps.append(equation([held, factor], after))
        held = after
    return steps


def equation(terms: Sequence[list[str]], output: list[str]) -> str:
    """Return the equation for `torch.einsum`, with one letter per index name."""
    letter = dict(zip(dict.fromkeys(chain(*terms)), ascii_letters, strict=False))
    spelled = ["".join(letter[name] for name in names) for names in (*terms, output)]
    return ",".join(spelled[:-1]) + "->" + spelled[-1]


def tensor_train(inputs: Modes, outputs: Modes, ranks: Sequence[int]) -> TensorNetwork:
    """W[m, n] = G_1[m_1, n_1] ... G_K[m_K, n_K], a product of matrices with inner sizes `ranks` (Yang et al. 2017).

    Parameters: sum of r_{k-1} m_k n_k r_k, with r_0 = r_K = 1.
    """
    bonds = (1, *ranks, 1)
    cores = [{f"r{k}": bonds[k], **pair, f"r{k + 1}": bonds[k + 1]} for k, pair in enumerate(pairs(inputs, outputs))]
    return TensorNetwork(inputs, outputs, cores[::-1])


def block_term(inputs: Modes, outputs: Modes, rank: int, blocks: int) -> TensorNetwork:
    """W = sum over blocks of core[r_1 .. r_K] U_1[r_1, m_1, n_1] ... U_K[r_K, m_K, n_K] (Ye et al. 2018).

    Parameters: blocks (rank sum of m_k n_k + rank^K). The core is contracted halfway, to keep the
    intermediate results small.
    """
    factors = [{"block": blocks, f"r{k}": rank, **pair} for k, pair in enumerate(pairs(inputs, outputs))]
    core = {"block": blocks, **{f"r{k}": rank for k in range(len(inputs))}}
    half = (len(inputs) + 1) // 2
    return TensorNetwork(inputs, outputs, [*factors[half:][::-1], core, *factors[:half][::-1]])


def tensor_ring(inputs: Modes, outputs: Modes, ranks: Sequence[int]) -> TensorNetwork:
    """W[m, n] = trace of G_1[n_1] ... G_K[n_K] G_{K+1}[m_1] ... G_{K+L}[m_L] (Pan et al. 2019).

    `ranks` are those before each core; the last core ends at the first rank. Parameters: sum of r_k mode_k r_{k+1}.
    The contraction begins with the largest input mode, to keep the intermediate results small.
    """
    modes = [(f"n{k}", size) for k, size in enumerate(inputs)] + [(f"m{k}", size) for k, size in enumerate(outputs)]
    after = [*range(1, len(modes)), 0]
    cores = [{f"r{k}": ranks[k], name: size, f"r{after[k]}": ranks[after[k]]} for k, (name, size) in enumerate(modes)]
    start = list(inputs).index(max(inputs))
    order = [*range(start, len(inputs)), *range(start)[::-1], *range(len(inputs), len(modes))[::-1]]
    return TensorNetwork(inputs, outputs, [cores[k] for k in order])


def hierarchical_tucker(inputs: Modes, outputs: Modes, leaf_rank: int, inner_rank: int) -> TensorNetwork:
    """W = a balanced binary tree with leaves U_k[r, m_k, n_k] and transfer tensors at inner nodes (Yin et al. 2020).

    Parameters: leaf_rank sum of m_k n_k, and for each inner node rank x left rank x right rank; the root's rank is 1.
    """

    def rank(start: int, stop: int) -> Factor:
        inner = inner_rank if stop - start < len(inputs) else 1
        return {f"r{start}-{stop}": leaf_rank if stop - start == 1 else inner}

    return TensorNetwork(inputs, outputs, tree(pairs(inputs, outputs), 0, len(inputs), rank, from_above=True))


def tree(
    leaves: list[Factor], start: int, stop: int, rank: Callable[[int, int], Factor], *, from_above: bool
) -> list[Factor]:
    """Return the factors of the subtree over the modes `start` to `stop`, in the order of contraction.

    If the parent is contracted before the subtree (`from_above`), a node comes between its children, otherwise after
    them; both keep the intermediate results small.
    """
    if stop - start == 1:
        return [rank(start, stop) | leaves[start]]
    middle = (start + stop + 1) // 2
    right = tree(leaves, middle, stop, rank, from_above=False)
    left = tree(leaves, start, middle, rank, from_above=from_above)
    node = [rank(start, stop) | rank(start, middle) | rank(middle, stop)]
    return right + node + left if from_above else right + left + node


def pairs(inputs: Modes, outputs: Modes) -> list[Factor]:
    """Return for each k the indices of output mode m_k and input mode n_k, with their sizes."""
    return [{f"m{k}": m, f"n{k}": n} for k, (m, n) in enumerate(zip(outputs, inputs, strict=True))]
