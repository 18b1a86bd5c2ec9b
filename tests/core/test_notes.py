"""Notes as JSON has them."""

import json

import numpy as np

from irloom.core.notes import plain_note


def test_values_of_numpy_become_plain() -> None:
    noted = {"a": np.float32(0.5), "b": (np.int64(3), None, "x"), "c": {1: True}, "d": object}
    plain = plain_note(noted)
    assert json.loads(json.dumps(plain)) == {"a": 0.5, "b": [3, None, "x"], "c": {"1": True}, "d": "<class 'object'>"}
