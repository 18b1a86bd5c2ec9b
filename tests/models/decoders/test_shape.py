"""What a configuration says of a decoder."""

from irloom.models.decoders.shape import shape_of
from tests.models.decoders.tiny_decoders import decoder_config


def test_the_context_is_the_least_of_the_limits() -> None:
    config = decoder_config("llama", context=300)
    assert shape_of(config, max_tokens=None).context == 300
    assert shape_of(config, max_tokens=40).context == 40
    assert shape_of(config, max_tokens=4000).context == 300


def test_frequencies_that_change_with_length_bound_the_context() -> None:
    """Rotary frequencies of these kinds are set in the shared weights by the longest prompt so far: below the bound they never are."""
    dynamic = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}
    assert shape_of(decoder_config("llama", context=300, rope_parameters=dynamic), max_tokens=None).context == 300
    factors = {"rope_type": "longrope", "short_factor": [1.0] * 4, "long_factor": [2.0] * 4, "rope_theta": 1e4}
    long = decoder_config("phi3", context=300, rope_parameters=factors, original_max_position_embeddings=64)
    assert shape_of(long, max_tokens=None).context == 64


def test_other_names_for_sizes_are_read() -> None:
    shape = shape_of(decoder_config("gpt2", layers=2), max_tokens=None)
    assert (shape.layers, shape.heads, shape.kv_heads, shape.vocabulary) == (2, 4, 4, 400)
