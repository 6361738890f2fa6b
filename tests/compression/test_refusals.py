"""VIBLSTM and VIBGRU refuse what torch's modules refuse, with the same kind of error, and accept what these accept."""

import copy
import warnings
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from tests.compression.gates import open_gates
from tests.compression.test_modules import flat
from vibhar.compression.cells import weights_of
from vibhar.compression.modules import VIBGRU, VIBLSTM
from vibhar.compression.pruning import narrow, narrow_state, prune
from vibhar.models.tensor_maps import tensor_train
from vibhar.models.tensorized_lstm import TensorizedLSTM

D, H = 3, 4
KINDS = [(nn.LSTM, VIBLSTM.from_lstm), (nn.GRU, VIBGRU.from_gru)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64]
OPTIONS = {
    "num_layers": st.integers(1, 2),
    "bidirectional": st.booleans(),
    "batch_first": st.booleans(),
    "dropout": st.sampled_from([0.0, 0.5]),
}
LENGTHS = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def outcome(module: nn.Module, *arguments: Any) -> Any:
    """What a call gives, or the class of what it raises."""
    try:
        return module(*arguments)
    except Exception as error:
        return type(error)


def assert_same_outcome(ours: Any, theirs: Any, tolerance: float) -> None:
    if isinstance(theirs, type):
        assert ours is theirs
        return
    assert not isinstance(ours, type), f"torch accepts it, and we raise {ours}"
    for one, other in zip(flat(ours), flat(theirs), strict=True):
        torch.testing.assert_close(one, other, atol=tolerance, rtol=tolerance)  # and shapes and dtypes


def is_unsafe(rnn: nn.LSTM | nn.GRU, x: Any, hx: Any) -> bool:
    """Whether torch's packed LSTM would read beyond sizes that it does not check, and its packed GRU does."""
    if isinstance(rnn, nn.GRU) or not isinstance(x, PackedSequence) or not isinstance(hx, tuple | list | None):
        return False
    parts = list(hx or ())
    if hx is not None and (len(parts) < 2 or not all(isinstance(part, torch.Tensor) for part in parts)):
        return False
    cells, batch = rnn.num_layers * (2 if rnn.bidirectional else 1), int(x.batch_sizes[0])
    return x.data.shape[1] != D or any(part.shape != (cells, batch, H) for part in parts[:2])


def random(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(shape).to(dtype)


@st.composite
def inputs(draw, batch_first: bool, dtype: torch.dtype) -> tuple[Any, int | None]:
    """An input, and its batch (None of a single sequence): mostly right, sometimes of another shape or dtype."""
    features = draw(st.sampled_from([D, D, D, D, 1, D + 1, 0]))
    dtype = draw(st.sampled_from([dtype, dtype, dtype, *DTYPES]))
    layout = draw(st.sampled_from(["batched", "single", "packed", "unsorted", "other"]))
    if layout in ("packed", "unsorted"):
        lengths, features = draw(LENGTHS), max(features, 1)
        if layout == "packed":
            lengths.sort(reverse=True)
        clips = [random((length, features), dtype) for length in lengths]
        return pack_sequence(clips, enforce_sorted=layout == "packed"), len(lengths)
    steps, batch = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    if layout == "single":
        return random((steps, features), dtype), None
    if layout == "batched":
        return random((batch, steps, features) if batch_first else (steps, batch, features), dtype), batch
    rank = draw(st.sampled_from([0, 1, 4]))
    return random((2, 2, 2, features)[4 - rank :], dtype), 2


@st.composite
def parts_of_states(draw, cells: int, batch: int | None, dtype: torch.dtype) -> torch.Tensor:
    """A state [L, B, H] or, of a single sequence, [L, H]: mostly right, sometimes with one axis of another size."""
    shape = [cells, H] if batch is None else [cells, batch, H]
    change = draw(st.sampled_from(["none", "none", "none", "size", "lost", "added"]))
    axis = draw(st.integers(0, len(shape) - 1))
    if change == "size":
        shape[axis] = draw(st.sampled_from([0, 1, 2, 3, 5]))
    elif change == "lost":
        del shape[axis]
    elif change == "added" and batch is None:  # of four axes torch's packed LSTM ends the process
        shape.insert(axis, 1)
    return random(tuple(shape), draw(st.sampled_from([dtype, dtype, dtype, *DTYPES])))


@st.composite
def states(draw, lstm: bool, cells: int, batch: int | None, dtype: torch.dtype) -> Any:
    """None, or a state in a form that is right or not."""
    parts = [draw(parts_of_states(cells, batch, dtype)) for _ in range(3)]
    right = tuple(parts[:2]) if lstm else parts[0]
    forms = [None, right, right, right, list(parts[:2]), parts[0], tuple(parts[:1]), tuple(parts), (parts[0], None)]
    return draw(st.sampled_from([*forms, (), "state", 0, dict(enumerate(parts[:2]))]))


@pytest.mark.parametrize("module, gated", KINDS)
@settings(max_examples=300, deadline=None)
@given(data=st.data(), training=st.booleans(), seed=st.integers(0, 2**20), **OPTIONS)
def test_open_gates_refuse_and_give_what_torch_does(module, gated, data, training, seed, **options: Any) -> None:
    torch.manual_seed(seed)
    dtype = data.draw(st.sampled_from(DTYPES[:4]))
    options["dropout"] = options["dropout"] if not training and options["num_layers"] > 1 else 0.0
    rnn = module(D, H, **options, dtype=dtype).train(training)
    vib = gated(rnn)
    open_gates(vib)
    x, batch = data.draw(inputs(rnn.batch_first, dtype))
    cells = rnn.num_layers * (2 if rnn.bidirectional else 1)
    hx = data.draw(states(module is nn.LSTM, cells, batch, dtype))
    before = torch.get_rng_state()
    ours = outcome(vib, x, hx)
    if is_unsafe(rnn, x, hx):
        assert ours in (RuntimeError, IndexError) or x.sorted_indices is not None  # where torch picks its examples
        return
    theirs = outcome(rnn, x, hx)
    assert_same_outcome(ours, theirs, 1e-5 if dtype in (torch.float32, torch.float64) else 5e-2)
    if isinstance(theirs, type):
        assert torch.equal(torch.get_rng_state(), before)  # what is refused uses up no random number


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("axes", [4, 5])
def test_a_packed_sequence_with_a_state_of_more_axes_is_refused(module, gated, axes: int) -> None:
    part = torch.zeros((1,) * (axes - 2) + (2, H))  # torch's own LSTM ends the process
    packed = pack_sequence([torch.randn(length, D) for length in (3, 2)])
    with pytest.raises(RuntimeError, match=r"Expected hidden.* size \(1, 2, 4\), got"):
        gated(module(D, H))(packed, (part, part) if module is nn.LSTM else part)


@pytest.mark.parametrize("lengths", [(3, 2), (2, 2), (1,)])
@pytest.mark.parametrize(
    ("layers", "units", "features"), [(2, H, D), (1, 1, D), (1, H + 1, D), (1, H, 1), (1, H, D + 1)]
)
def test_a_packed_sequence_of_other_sizes_is_refused_where_torch_reads_beyond(lengths, layers, units, features) -> None:
    vib = VIBLSTM(D, H)
    packed = pack_sequence([torch.randn(length, features) for length in lengths])
    h = torch.zeros(layers, len(lengths), units)
    for hx in ((h, h), (torch.zeros(1, len(lengths), H), h), (h, torch.zeros(1, len(lengths), H)), None):
        if features != D or hx is not None:
            with pytest.raises(RuntimeError, match=r"Expected hidden|packed input must be"):
                vib(packed, hx)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_cell_state_of_one_layer_example_or_unit_is_not_taken_for_all(axis: int) -> None:
    vib = VIBLSTM(D, H, num_layers=2)
    sizes = [2, 2, H]
    h = torch.zeros(sizes)
    sizes[axis] = 1
    for x in (torch.randn(5, 2, D), pack_sequence([torch.randn(length, D) for length in (3, 2)])):
        with pytest.raises(RuntimeError, match=r"Expected hidden\[1\] size \(2, 2, 4\)"):
            vib(x, (h, torch.zeros(sizes)))


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("x", [None, [[0.0] * D], "x", 1.0])
def test_what_is_no_tensor_is_refused_as_torch_does(module, gated, x: Any) -> None:
    rnn = module(D, H)
    refusal = outcome(rnn, x)
    assert issubclass(refusal, Exception)
    assert outcome(gated(rnn), x) is refusal


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("state", [False, True])
def test_another_device_is_refused_as_torch_does(module, gated, state: bool) -> None:
    rnn, x = module(D, H), torch.randn(2, 1, D)
    h = torch.zeros(1, 1, H, device="meta")
    arguments = (x, (h, h) if module is nn.LSTM else h) if state else (x.to("meta"),)
    assert outcome(rnn, *arguments) is RuntimeError
    assert outcome(gated(rnn), *arguments) is RuntimeError


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("autocast", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("state", [None, *DTYPES])
def test_autocast_gives_the_precision_that_it_gives_torch(module, gated, packed, autocast, dtype, state) -> None:
    torch.manual_seed(0)
    rnn = module(D, H)
    vib = gated(rnn)
    open_gates(vib)
    clips = [random((length, D), dtype) for length in (3, 2)]
    x = pack_sequence(clips) if packed else clips[0][:, None].expand(-1, 2, -1)
    h = None if state is None else random((1, 2, H), state)
    hx = (h, h) if h is not None and module is nn.LSTM else h
    with torch.autocast("cpu", autocast):
        theirs, ours = outcome(rnn, x, hx), outcome(vib, x, hx)
    assert_same_outcome(ours, theirs, 5e-2)


@pytest.mark.parametrize("module, gated", KINDS)
@pytest.mark.parametrize("unsorted", [None, False, True])
def test_the_gradient_reaches_the_initial_state_as_in_torch(module, gated, unsorted: bool | None) -> None:
    torch.manual_seed(0)
    rnn = module(D, H, num_layers=2, bidirectional=True).double()
    vib = gated(rnn)
    open_gates(vib)
    lengths = (1, 3, 2) if unsorted else (3, 2, 1)
    clips = [torch.randn(length, D).double() for length in lengths]
    x = torch.randn(4, 3, D).double() if unsorted is None else pack_sequence(clips, enforce_sorted=not unsorted)
    gradients = []
    for called in (rnn, vib):
        torch.manual_seed(1)
        h, c = (torch.randn(4, 3, H).double().requires_grad_() for _ in range(2))
        results = flat(called(x, (h, c) if module is nn.LSTM else h))
        torch.stack([part.square().sum() for part in results if part.is_floating_point()]).sum().backward()
        gradients.append([h.grad, c.grad] if module is nn.LSTM else [h.grad])
    torch.testing.assert_close(gradients[1], gradients[0])


@pytest.mark.parametrize("module, gated", KINDS)
def test_asking_torch_uses_up_no_random_number_and_leaves_the_mode(module, gated, monkeypatch) -> None:
    vib = gated(module(D, H, num_layers=2, dropout=0.5)).train()
    x = torch.randn(5, 2, D)
    torch.manual_seed(3)
    asked = vib(x)[0]
    with pytest.raises(RuntimeError):
        vib(x[..., :1])
    assert vib.rnn.training
    monkeypatch.setattr("vibhar.compression.modules.ask_torch", lambda *_: [torch.float32] * (3 - (module is nn.GRU)))
    torch.manual_seed(3)
    assert torch.equal(vib(x)[0], asked)


@pytest.mark.parametrize("module, kind", [(nn.LSTM, VIBLSTM), (nn.GRU, VIBGRU)])
@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), {}),
        ((D,), {}),
        ((D, H, 2, True, True, 0.5, True), {}),
        ((D, H), {"device": "meta", "dtype": torch.float16}),
        ((0, H), {}),
        ((D, 0), {}),
        ((D, -1), {}),
        ((-1, H), {}),
        ((3.0, H), {}),
        ((D, 4.0), {}),
        (("3", H), {}),
        ((D, H), {"num_layers": 0}),
        ((D, H), {"num_layers": 1.5}),
        ((D, H), {"num_layers": "2"}),
        ((D, H), {"dropout": -0.1}),
        ((D, H), {"dropout": 1.1}),
        ((D, H), {"dropout": True}),
        ((D, H), {"dropout": "much"}),
        ((D, H), {"dropout": 0.5}),  # a warning
        ((D, H), {"batch_first": 1}),
        ((D, H), {"bias": 1}),
        ((D, H), {"proj_size": -1}),
        ((D, H), {"proj_size": H}),
        ((D, H), {"hidden": 5}),
        ((D, H), {"dtype": torch.int64}),
    ],
)
def test_modules_are_made_and_refused_as_torch_s(module, kind, arguments: tuple, options: dict[str, Any]) -> None:
    results: list[Any] = []
    for cls in (module, kind):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                made = cls(*arguments, **options)
            except Exception as error:
                result: Any = type(error), str(error) if len(arguments) > 1 else None
            else:
                rnn = made if cls is module else made.rnn
                result = repr(rnn), {str(parameter.dtype) for parameter in made.parameters()}
            results.append((result, sorted(str(warning.message) for warning in told)))
    assert results[1] == results[0]


@pytest.mark.parametrize("others", [VIBLSTM.from_lstm, VIBGRU.from_gru])
@pytest.mark.parametrize("module", [nn.LSTM, nn.GRU, nn.RNN, VIBLSTM, VIBGRU, nn.LSTMCell, nn.Linear])
def test_gates_are_put_around_their_own_kind_of_module_only(others, module) -> None:
    right = {VIBLSTM.from_lstm: nn.LSTM, VIBGRU.from_gru: nn.GRU}[others]
    if module is right:
        assert isinstance(others(module(D, H)), nn.Module)
        return
    with pytest.raises(TypeError, match=f"takes an nn.{right.__name__}, not {module.__name__}"):
        others(module(D, H))


@pytest.mark.parametrize("module, gated", KINDS)
def test_the_arguments_have_torch_s_names(module, gated) -> None:
    torch.manual_seed(0)
    rnn = module(D, H)
    vib = copy.deepcopy(gated(rnn))
    open_gates(vib)
    x, h = torch.randn(5, 2, D), torch.randn(1, 2, H)
    hx = (h, h) if module is nn.LSTM else h
    assert_same_outcome(vib(input=x, hx=hx), rnn(input=x, hx=hx), 1e-5)
    packed = pack_sequence([x[:, 0]])
    assert isinstance(vib(input=packed)[0], PackedSequence)


@pytest.mark.parametrize("module", [nn.LSTM(D, H), nn.GRU(D, H), nn.Linear(D, H), None])
def test_only_gated_modules_are_pruned(module: Any) -> None:
    with pytest.raises(TypeError, match=f"VIBLSTM or a VIBGRU, not {type(module).__name__}"):
        prune(module)


@pytest.mark.parametrize(
    ("hidden", "scale", "refusal"),
    [
        ([0, 2], [1.0], ValueError),
        ([0, 2], 1.0, ValueError),
        ([0, 2], [[1.0, 2.0]], ValueError),
        ([[0, 2]], [[1.0, 2.0]], ValueError),
        (2, 1.0, ValueError),
        ([True, False, False, False], [1.0] * H, ValueError),
        ([0.0, 2.0], [1.0, 1.0], ValueError),
        ([-1, 2], [1.0, 1.0], IndexError),
        ([0, H], [1.0, 1.0], IndexError),
    ],
)
def test_columns_that_a_layer_has_not_are_refused(hidden: Any, scale: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal, match="kept units"):
        narrow(nn.Linear(H, 2), torch.tensor(hidden), torch.tensor(scale))
    with pytest.raises(TypeError, match="narrow takes an nn"):
        narrow(nn.LSTM(D, H), torch.tensor([0]), torch.tensor([1.0]))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [VIBLSTM, VIBGRU])
def test_states_of_another_form_are_not_narrowed(kind) -> None:
    pruned, h = prune(kind(D, H)), torch.randn(1, 2, H)
    wrong: list[Any] = [h, (h[0], h[0]), (h, h, h), (h, h) if kind is VIBGRU else (h,)]
    for state in wrong:
        with pytest.raises(ValueError, match="narrow_state takes"):
            narrow_state(pruned, state)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**20))
def test_a_tensorised_lstm_refuses_and_gives_what_torch_does(data, seed: int) -> None:
    torch.manual_seed(seed)
    features, units = 4, 4
    tensorised = TensorizedLSTM(tensor_train((2, 2), (4, 4), (2,)), units)
    rnn = nn.LSTM(features, units, batch_first=True)
    weights = tensorised.input_map.materialise(), tensorised.weight_hh, tensorised.bias_ih, tensorised.bias_hh
    with torch.no_grad():
        for ours, theirs in zip(weights_of(rnn), weights, strict=True):
            ours.copy_(theirs)
    axes = data.draw(st.lists(st.sampled_from([0, 1, 2, 4]), max_size=3))
    shape = (*axes, data.draw(st.sampled_from([4, 4, 4, 1, 2, 8])))
    x = random(shape, data.draw(st.sampled_from([torch.float32] * 4 + DTYPES)))
    batch = shape[0] if len(shape) == 3 else None if len(shape) == 2 else 2
    hx = data.draw(states(True, 1, batch, torch.float32))
    assert_same_outcome(outcome(tensorised, x, hx), outcome(rnn, x, hx), 1e-5)
