import numpy as np
import pytest

torch = pytest.importorskip("torch")
pooling = pytest.importorskip("irloom.models.networks.pooling")

HIDDEN = [[1.0, 8.0], [3.0, 2.0], [5.0, 2.0], [7.0, -9.0]]  # a sequence of three tokens, then one of one
OFFSETS = [0, 3, 4]
EXPECTED = {
    "cls": [[1, 8], [7, -9]],
    "lasttoken": [[5, 2], [7, -9]],
    "max": [[5, 8], [7, -9]],
    "mean": [[3, 4], [7, -9]],
    "mean_sqrt_len_tokens": [[9 / 3**0.5, 12 / 3**0.5], [7, -9]],
    "weightedmean": [[(1 + 6 + 15) / 6, (8 + 4 + 6) / 6], [7, -9]],
}


@pytest.mark.parametrize("mode", EXPECTED)
def test_by_hand(mode: str) -> None:
    found = pooling.pool(torch.tensor(HIDDEN), torch.tensor(OFFSETS), [mode])
    np.testing.assert_allclose(found.numpy(), EXPECTED[mode], atol=1e-6)


def test_several_are_joined() -> None:
    found = pooling.pool(torch.tensor(HIDDEN), torch.tensor(OFFSETS), ["cls", "max"])
    np.testing.assert_allclose(found.numpy(), [[1, 8, 5, 8], [7, -9, 7, -9]])


def test_a_prompt_is_left_out_but_a_last_token_stays() -> None:
    found = pooling.pool(torch.tensor(HIDDEN), torch.tensor(OFFSETS), ["mean"], skip=1)
    np.testing.assert_allclose(found.numpy(), [[4, 2], [7, -9]])


def test_no_sequences() -> None:
    assert pooling.pool(torch.zeros(0, 2), torch.zeros(1, dtype=torch.int64), ["mean", "cls"]).shape == (0, 4)
