"""Tensorised maps against their formulas and their dense matrices, at the published sizes, and the LSTM on them."""

from collections.abc import Callable, Sequence
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from vibhar.errors import InputError
from vibhar.models.tensor_maps import TensorNetwork, block_term, hierarchical_tucker, tensor_ring, tensor_train
from vibhar.models.tensor_presets import KINDS, balanced_modes, build_map
from vibhar.models.tensorized_lstm import TensorizedLSTM

SMALL: dict[str, Callable[[], TensorNetwork]] = {
    "tt": lambda: tensor_train((2, 3), (3, 2), (3,)),
    "bt": lambda: block_term((2, 3), (3, 2), rank=2, blocks=2),
    "tr": lambda: tensor_ring((2, 3), (3, 2), (2, 3, 4, 2)),
    "ht": lambda: hierarchical_tucker((2, 3), (3, 2), leaf_rank=3, inner_rank=2),
}


@st.composite
def maps(draw: st.DrawFn, kind: str) -> TensorNetwork:
    """A random map of a kind, with up to four modes a side."""

    def some(count: int) -> Sequence[int]:
        return draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))

    count = draw(st.integers(1, 4))
    inputs, outputs = some(count), some(draw(st.integers(1, 4)) if kind == "tr" else count)
    torch.manual_seed(draw(st.integers(0, 99)))
    if kind == "tt":
        return tensor_train(inputs, outputs, some(count - 1))
    if kind == "bt":
        return block_term(inputs, outputs, *some(2))
    if kind == "tr":
        return tensor_ring(inputs, outputs, some(len(inputs) + len(outputs)))
    return hierarchical_tucker(inputs, outputs, *some(2))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), lead=st.sampled_from([(), (3,), (2, 3), (0,)]))
@settings(max_examples=40, deadline=None)
def test_the_map_is_its_dense_matrix(kind: str, data: st.DataObject, lead: tuple[int, ...]) -> None:
    network = data.draw(maps(kind)).double()
    x = torch.randn(*lead, network.in_features, dtype=torch.float64)
    dense = network.materialise()
    assert dense.shape == (network.out_features, network.in_features)
    torch.testing.assert_close(network(x), x @ dense.T, atol=1e-10, rtol=0)


def element_of_tt(f: list[torch.Tensor], m: Sequence[int], n: Sequence[int]) -> torch.Tensor:
    last, first = f
    return (first[:, m[0], n[0]] @ last[:, m[1], n[1]]).squeeze()


def element_of_bt(f: list[torch.Tensor], m: Sequence[int], n: Sequence[int]) -> torch.Tensor:
    second, core, first = f
    return torch.stack([first[b, :, m[0], n[0]] @ core[b] @ second[b, :, m[1], n[1]] for b in range(2)]).sum()


def element_of_tr(f: list[torch.Tensor], m: Sequence[int], n: Sequence[int]) -> torch.Tensor:
    second_in, first_in, second_out, first_out = f  # the input mode of size 3 comes first
    return torch.trace(first_in[:, n[0]] @ second_in[:, n[1]] @ first_out[:, m[0]] @ second_out[:, m[1]])


def element_of_ht(f: list[torch.Tensor], m: Sequence[int], n: Sequence[int]) -> torch.Tensor:
    right, root, left = f
    return left[:, m[0], n[0]] @ root[0] @ right[:, m[1], n[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_dense_matrix_is_the_formula(kind: str) -> None:
    network = SMALL[kind]().double()
    factors = [factor.detach() for factor in network.factors]
    element = {"tt": element_of_tt, "bt": element_of_bt, "tr": element_of_tr, "ht": element_of_ht}[kind]
    dense = network.materialise().reshape(3, 2, 2, 3)
    for m0, m1, n0, n1 in product(range(3), range(2), range(2), range(3)):
        torch.testing.assert_close(dense[m0, m1, n0, n1], element(factors, (m0, m1), (n0, n1)))


def test_four_modes_of_ht_are_two_pairs() -> None:
    network = hierarchical_tucker((2, 3, 2, 2), (2, 1, 2, 3), leaf_rank=2, inner_rank=3).double()
    u4, u3, right, root, u2, left, u1 = (factor.detach() for factor in network.factors)
    pairs = [torch.einsum("tlr,lmn,rop->tmonp", *three) for three in ((left, u1, u2), (right, u3, u4))]
    whole = torch.einsum("xlr,labcd,refgh->abefcdgh", root, *pairs)
    torch.testing.assert_close(network.materialise(), whole.reshape(12, 24))


@pytest.mark.parametrize(
    ("kind", "inputs", "outputs", "parameters"),
    [
        ("tt", 57_600, 1_024, 3_360),
        ("bt", 57_600, 1_024, 3_392),
        ("tr", 57_600, 1_024, 1_725),
        ("ht", 57_600, 1_024, 1_255),  # published: 1,245
        ("tr", 2_048, 8_192, 663_552),
    ],
)
def test_published_sizes(kind: str, inputs: int, outputs: int, parameters: int) -> None:
    network = build_map(kind, inputs, outputs)
    assert (network.in_features, network.out_features) == (inputs, outputs)
    assert sum(factor.numel() for factor in network.factors) == parameters


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("inputs", "outputs"), [(256, 512), (1_280, 2_048), (3_600, 512), (16, 32)])
def test_other_sizes(kind: str, inputs: int, outputs: int) -> None:
    network = build_map(kind, inputs, outputs)
    assert (network.in_features, network.out_features) == (inputs, outputs)
    if kind == "tr" and inputs > 16:
        compression = inputs * outputs / sum(factor.numel() for factor in network.factors)
        assert compression == pytest.approx(25.3, rel=0.02)


@pytest.mark.parametrize(("size", "count", "modes"), [(256, 4, [4, 4, 4, 4]), (3_600, 4, [10, 10, 6, 6])])
def test_modes_are_balanced(size: int, count: int, modes: list[int]) -> None:
    assert balanced_modes(size, count) == modes


@pytest.mark.parametrize(("kind", "inputs", "outputs"), [("tr", 1_009, 512), ("tt", 2_018, 512), ("ht", 256, 28)])
def test_a_size_without_factors(kind: str, inputs: int, outputs: int) -> None:
    with pytest.raises(InputError, match=r"is no product of [24] numbers above 1. Take another `lstm.hidden`"):
        build_map(kind, inputs, outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_matrix_has_xavier_s_variance(kind: str) -> None:
    torch.manual_seed(0)
    variances = [build_map(kind, 256, 128).materialise().var().item() for _ in range(100)]
    assert sum(variances) / 100 == pytest.approx(2 / (256 + 128), rel=0.25)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind: str) -> None:
    torch.manual_seed(0)
    network = SMALL[kind]().double()
    names = [name for name, _ in network.named_parameters()]
    values = [parameter.detach().clone().requires_grad_() for parameter in network.parameters()]
    x = torch.randn(2, 6, dtype=torch.float64, requires_grad=True)

    def output(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(network, dict(zip(names, parameters, strict=True)), (x,))

    assert torch.autograd.gradcheck(output, (x, *values))


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation returns."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        tensors = [part for part in torch.utils._pytree.tree_leaves(result) if isinstance(part, torch.Tensor)]
        self.elements = max(self.elements, *(tensor.numel() for tensor in tensors), 0)
        return result


@pytest.mark.parametrize("kind", KINDS)
def test_raw_frames_without_the_dense_matrix(kind: str) -> None:
    lstm = TensorizedLSTM(build_map(kind, 57_600, 1_024), 256)
    x = torch.randn(2, 3, 57_600)
    with Largest() as largest:
        lstm(x)[0].sum().backward()
    assert x.numel() <= largest.elements <= 4 * x.numel()  # the dense matrix is 170 times x
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in lstm.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_the_lstm_is_torch_s_with_the_dense_matrix(kind: str) -> None:
    torch.manual_seed(0)
    ours, theirs = TensorizedLSTM(build_map(kind, 256, 64), 16), nn.LSTM(256, 16, batch_first=True)
    weights = {"weight_ih": ours.input_map.materialise(), "weight_hh": ours.weight_hh}
    biases = {"bias_ih": ours.bias_ih, "bias_hh": ours.bias_hh}
    theirs.load_state_dict({f"{name}_l0": value for name, value in (weights | biases).items()})
    x, state = torch.randn(3, 5, 256), (torch.randn(1, 3, 16), torch.randn(1, 3, 16))
    for given_state in (None, state):
        (output, (h, c)), (expected, last) = ours(x, given_state), theirs(x, given_state)
        for one, other in zip((output, h, c), (expected, *last), strict=True):
            torch.testing.assert_close(one, other, atol=1e-6, rtol=0)


def test_an_lstm_on_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="64 outputs, not 4 x 15"):
        TensorizedLSTM(build_map("tt", 256, 64), 15)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_is_fitted_to_another_one_of_its_kind(kind: str) -> None:
    torch.manual_seed(0)
    target, fitted = SMALL[kind](), SMALL[kind]()
    x = torch.randn(64, 6)
    optimizer = torch.optim.Adam(fitted.parameters(), 0.03)
    losses = []
    for _ in range(300):
        loss = (fitted(x) - target(x).detach()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 20
