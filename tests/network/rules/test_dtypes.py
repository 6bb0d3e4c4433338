"""What types of numbers make of a number, against the rounding of PyTorch and of NumPy."""

import numpy as np
import pytest

from backprop_tui.network.rules.dtypes import DTYPES


def spread_numbers():
    """Numbers of float32 of every size, ties and neighbours of ties among them."""
    random = np.random.default_rng(7)
    bits = random.integers(0, 2**32, 40_000, dtype=np.uint32).view(np.float32)
    sized = random.standard_normal(20_000) * 10.0 ** random.uniform(-9, 6, 20_000)
    halves = (random.integers(0, 2**11, 2_000) + 0.5) * 2.0 ** random.integers(-25, 6, 2_000)
    subnormal = np.concatenate([np.arange(4096) * 2.0**-26, np.arange(0, 70_000, 37) * 2.0**-149])
    edges = np.array([65504, 65519.996, 65520, 65536, 2.0**-25, 2.0**-24, 2.0**-14, 2.0**-134, 3.3961775e38])
    large = random.uniform(3.38e38, 3.4e38, 1_000)
    plain = np.concatenate([sized, halves, subnormal, edges, large]).astype(np.float32)
    beside = np.concatenate([np.nextafter(plain, np.float32(np.inf)), np.nextafter(plain, np.float32(0))])
    found = np.concatenate([bits[np.isfinite(bits)], plain, -plain, beside])
    return found[np.isfinite(found)]


def against(dtype, given, wanted):
    made = np.array([dtype.rounded(value) for value in given])
    assert np.array_equal(made, wanted)
    assert np.array_equal(np.signbit(made), np.signbit(wanted))
    lost, infinite = (wanted == 0.0) & (given != 0.0), np.isinf(wanted)
    few = ~lost & ~infinite & (np.abs(wanted) < dtype.least_normal) & (wanted != given)
    assert lost.sum() > 30
    assert infinite.sum() > 30 or dtype.name == "float32"
    assert np.array_equal(dtype.underflows(given), lost)
    assert np.array_equal(dtype.overflows(given), infinite)
    fates = {"underflow": lost, "overflow": infinite, "few digits": few}
    for word, there in fates.items():
        assert [dtype.fate(value) == word for value in given] == there.tolist()


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_types_round_as_pytorch_does(name):
    torch = pytest.importorskip("torch")
    given = spread_numbers()
    wanted = torch.from_numpy(given).to(getattr(torch, name)).double().numpy()
    against(DTYPES[name], given.astype(np.float64), wanted)


@pytest.mark.parametrize("name", ["float16", "float32"])
@pytest.mark.filterwarnings("ignore:overflow")
def test_the_types_of_numpy_round_as_it_does_from_float64(name):
    random = np.random.default_rng(8)
    given = np.concatenate(
        [
            random.standard_normal(20_000) * 10.0 ** random.uniform(-9, 6, 20_000),
            random.standard_normal(20_000) * 10.0 ** random.uniform(-48, 39.5, 20_000),
            (random.integers(0, 2**24, 5_000) + 0.5) * 2.0 ** random.integers(-150, 104, 5_000),
        ]
    )
    against(DTYPES[name], given, given.astype(name).astype(np.float64))


@pytest.mark.parametrize("name", ["float16", "float32", "bfloat16"])
def test_limits_are_those_that_pytorch_names(name):
    torch = pytest.importorskip("torch")
    dtype, wanted = DTYPES[name], torch.finfo(getattr(torch, name))
    assert dtype.epsilon == wanted.eps
    assert dtype.greatest == wanted.max
    assert dtype.least_normal == wanted.tiny
    assert dtype.least == wanted.smallest_normal * wanted.eps
    assert dtype.short is (name != "float32")


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_spacing_is_that_of_numpy(name):
    given = np.abs(spread_numbers())
    given = given[given < np.finfo(name).max].astype(name)
    given = given[(given >= np.finfo(name).tiny) & (given < np.finfo(name).max)]
    spacing = [DTYPES[name].spacing(float(value)) for value in given]
    assert spacing == np.spacing(given).astype(float).tolist()


@pytest.mark.parametrize("value", [0.0, -0.0, float("inf"), float("-inf"), float("nan")])
def test_what_is_no_ordinary_number_stays_as_it_is(value):
    for dtype in DTYPES.values():
        assert repr(dtype.rounded(value)) == repr(value)
        assert dtype.fate(value) == ""
        assert not dtype.underflows(np.array(value))
        assert not dtype.overflows(np.array(value))
