"""What a decoder refuses, and what must not change its numbers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.models.decoders.decoder import Decoder, Message
from tests.models.decoders.tiny_decoders import save_decoder
from tests.models.tiny import save_model

torch = pytest.importorskip("torch")

IDS = np.random.default_rng(3).integers(6, 380, 60)


def test_the_shape_is_read_without_weights(decoder_of: Callable[[str], Decoder], tmp_path: Path) -> None:
    shape = decoder_of("qwen3").shape
    assert (shape.layers, shape.heads, shape.kv_heads, shape.context) == (3, 4, 2, 512)
    decoder = Decoder(save_decoder(tmp_path), max_tokens=40)
    (tmp_path / "model.safetensors").unlink()
    assert decoder.shape.context == 40
    with pytest.raises(ModelError, match=r"no \*\.safetensors weights"):
        decoder.warm_up()


def test_a_decoder_passes_its_text_on(llama: Decoder) -> None:
    chat = [Message("system", "Be brief."), Message("user", "Why?")]
    assert llama.has_chat
    assert llama.end == 2
    assert "</s>" in llama.special_names
    ids = llama.encode_chat(chat, start="[")
    assert llama.chat(chat, start="[").endswith("<|assistant|>\n[")
    assert ids[-1] == llama.token("[", after="\n")
    assert llama.decode(llama.encode("a b  c", special=True)) == "a b  c"


def test_half_a_surrogate_pair_is_a_question_mark(llama: Decoder) -> None:
    for plain in (False, True):
        assert np.array_equal(llama.encode("\ud800 fox", plain=plain), llama.encode("? fox", plain=plain))
    assert llama.encode_chat([Message("user", "\udfff")]).size


def test_heads_add_up(llama: Decoder) -> None:
    prefix, tail = llama.prefill(IDS[:40]), IDS[40:]
    each = llama.attention(prefix, tail, per_head=True)
    everything = [(layer, head) for layer in range(3) for head in range(4)]
    assert each.shape == (3, 4, 60)
    np.testing.assert_allclose(each.sum(-1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(llama.attention(prefix, tail, heads=everything[::-1]), llama.attention(prefix, tail))
    parts = llama.attention(prefix, tail, heads=everything[:5]) + llama.attention(prefix, tail, heads=everything[5:])
    np.testing.assert_allclose(parts, llama.attention(prefix, tail), atol=1e-5)
    first = llama.attention(prefix, tail, heads=[(0, 1)], per_head=True)
    assert first.shape == (1, 4, 60)
    np.testing.assert_allclose(first[0], each[0], atol=1e-6)
    np.testing.assert_allclose(llama.attention(prefix, tail, heads=[(1, 1), (1, 1)]), each[1, 1], atol=1e-6)


def test_a_shallow_prefix_serves_its_layers_alone(llama: Decoder) -> None:
    shallow, tail = llama.prefill(IDS[:40], layers=1), IDS[40:]
    np.testing.assert_allclose(
        llama.attention(shallow, tail, heads=[(0, 2)]), llama.attention(llama.prefill(IDS[:40]), tail, heads=[(0, 2)]), atol=1e-6
    )
    with pytest.raises(ModelError, match="read up to layer 1, attention is asked for up to 2"):
        llama.attention(shallow, tail, heads=[(1, 0)])
    with pytest.raises(ModelError, match="read up to layer 1; all 3 are needed"):
        llama.next_logits([tail], prefix=shallow)
    assert shallow.extended(tail).layers == 1


def test_query_key_products_are_those_before_the_softmax(llama: Decoder) -> None:
    prefix = llama.prefill(IDS[:40])
    products = llama.query_key(prefix, IDS[40:41], per_head=True).astype(np.float64)
    weights = np.exp(products) / np.exp(products).sum(-1, keepdims=True)
    np.testing.assert_allclose(weights, llama.attention(prefix, IDS[40:41], per_head=True), atol=1e-5)
    assert llama.query_key(prefix, IDS[40:], heads=[(2, 3)]).shape == (60,)


def test_a_batch_of_tails_equals_its_rows(llama: Decoder, decoder_folder: Callable[[str], Path]) -> None:
    prefix = llama.prefill(IDS[:20])
    tails = [IDS[20 : 20 + length] for length in (1, 30, 7, 7, 19, 2)]
    alone = np.concatenate([llama.next_logits([tail], prefix=prefix) for tail in tails])
    np.testing.assert_allclose(llama.next_logits(tails, prefix=prefix), alone, atol=1e-4)
    small = Decoder(decoder_folder("llama"), device="cpu", batch_tokens=10)
    np.testing.assert_allclose(small.next_logits(tails, prefix=small.prefill(IDS[:20])), alone, atol=1e-4)
    assert llama.next_logits([], prefix=prefix).shape == (0, llama.shape.vocabulary)
    assert llama.log_likelihood([], prefix=prefix).shape == (0,)
    assert llama.generate([], max_new_tokens=3) == []


def test_a_long_text_is_read_in_blocks(llama: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = llama.attention(None, IDS, per_head=True)
    monkeypatch.setattr("irloom.models.decoders.rows.BLOCK_NUMBERS", 1000)
    monkeypatch.setattr("irloom.models.decoders.attending.BLOCK", 7)
    np.testing.assert_allclose(llama.attention(None, IDS, per_head=True), whole, atol=1e-6)


def test_eight_threads_agree(decoder_of: Callable[[str], Decoder]) -> None:
    decoder = decoder_of("mistral")
    prefix, tail = decoder.prefill(IDS[:40]), IDS[40:]
    attention = decoder.attention(prefix, tail, per_head=True)
    logits = decoder.next_logits([tail, tail[:5]], prefix=prefix)
    texts = decoder.generate(["one fox", "one dog"], max_new_tokens=5)

    def work(place: int) -> None:
        for _ in range(3):
            np.testing.assert_allclose(decoder.attention(prefix, tail, per_head=True), attention, atol=1e-6)
            np.testing.assert_allclose(decoder.next_logits([tail, tail[:5]], prefix=prefix), logits, atol=1e-5)
            part = decoder.attention(prefix, tail, heads=[(place % 3, 1)])
            np.testing.assert_allclose(part, attention[place % 3, 1], atol=1e-6)
            assert decoder.generate(["one fox", "one dog"], max_new_tokens=5) == texts

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, place) for place in range(8)]:
            done.result()


def test_bad_requests_are_named(llama: Decoder) -> None:
    prefix = llama.prefill(IDS[:40])
    for heads in ([(3, 0)], [(0, 4)], [(-1, 0)], []):
        with pytest.raises(BadValue, match="heads"):
            llama.attention(prefix, IDS[:3], heads=heads)
    for rows in (slice(3, 9), slice(2, 2), slice(0, 3, 2)):
        with pytest.raises(BadValue, match="rows"):
            llama.attention(prefix, IDS[:3], rows=rows)
    with pytest.raises(BadValue, match="rows"):
        llama.attention(prefix, IDS[:0])
    with pytest.raises(BadValue, match="layers"):
        llama.prefill(IDS, layers=4)
    with pytest.raises(BadValue, match="tokens"):
        llama.next_logits([IDS], tokens=[llama.shape.vocabulary])
    with pytest.raises(BadValue, match="at least one token"):
        llama.next_logits([IDS[:0]])
    with pytest.raises(BadValue, match="at least one token"):
        llama.log_likelihood([(IDS[:0], IDS[:3])])
    with pytest.raises(ModelError, match="whole numbers"):
        llama.prefill(np.array([0.5]))
    with pytest.raises(BadValue, match="max_new_tokens"):
        llama.generate(["one"], max_new_tokens=0)
    with pytest.raises(BadValue, match="dtype"):
        Decoder("a/b", dtype="int8")


def test_token_ids_that_the_vocabulary_lacks_are_refused(llama: Decoder) -> None:
    with pytest.raises(ModelError, match="0 to"):
        llama.prefill(np.array([5, 4000]))
    with pytest.raises(ModelError, match="0 to"):
        llama.next_logits([np.array([-1])])


def test_a_context_too_small_is_said(decoder_folder: Callable[[str], Path]) -> None:
    decoder = Decoder(decoder_folder("llama"), device="cpu", max_tokens=50)
    prefix = decoder.prefill(IDS[:50])
    said = "a prompt of 60 tokens is longer than the context of 50 tokens"
    for ask in (
        lambda: decoder.prefill(IDS),
        lambda: prefix.extended(IDS[50:]),
        lambda: decoder.attention(prefix, IDS[50:]),
        lambda: decoder.next_logits([IDS[50:51], IDS[50:]], prefix=prefix.cropped(50)),
    ):
        with pytest.raises(ModelError, match=said.replace("60 tokens", r"(51|60) tokens")):
            ask()
    with pytest.raises(ModelError, match="longer than the context"):
        decoder.generate(["one " * 8], max_new_tokens=49)


def test_numbers_that_are_none_are_said(decoder_folder: Callable[[str], Path], tmp_path: Path) -> None:
    folder = save_decoder(tmp_path)
    model = _loaded(folder)
    model.model.layers[1].mlp.down_proj.weight.data[0, 0] = float("nan")
    model.save_pretrained(folder)
    decoder = Decoder(folder, device="cpu")
    with pytest.raises(ModelError, match=r"logits of prompt 0, 1 \(counted from 0\) are not numbers"):
        decoder.next_logits([IDS[:4], IDS[:5]])
    with pytest.raises(ModelError, match="likelihood of text 0"):
        decoder.log_likelihood([(IDS[:4], IDS[4:5])])
    with pytest.raises(ModelError, match="not numbers"):
        decoder.generate(["one"], max_new_tokens=2)
    assert np.isnan(decoder.attention(None, IDS[:5])).any()


def _loaded(folder: Path) -> Any:
    import transformers

    return transformers.AutoModelForCausalLM.from_pretrained(str(folder))


def test_models_without_readable_attention_are_refused(tmp_path: Path) -> None:
    import transformers

    cases = {
        "mamba": (transformers.MambaConfig(hidden_size=16, num_hidden_layers=2, vocab_size=400, state_size=4), "has no attention to read"),
        "t5": (transformers.T5Config(d_model=16, num_layers=2, num_heads=2, vocab_size=400), "is an encoder-decoder"),
        "jamba": (transformers.JambaConfig(hidden_size=16, num_hidden_layers=8, num_attention_heads=2), "without plain attention"),
        "distilbert": (transformers.DistilBertConfig(), "no causal language model"),
    }
    for name, (config, said) in cases.items():
        config.save_pretrained(tmp_path / name)
        with pytest.raises(ModelError, match=said):
            Decoder(tmp_path / name).warm_up()


def test_attention_that_cannot_be_replaced_is_named(tmp_path: Path) -> None:
    import transformers

    cases = {
        "bloom": transformers.BloomConfig(hidden_size=32, n_layer=2, n_head=4, vocab_size=400),
        "falcon": transformers.FalconConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, vocab_size=400),
        "xglm": transformers.XGLMConfig(d_model=32, ffn_dim=48, attention_heads=4, num_layers=2, vocab_size=400),
    }
    for name, config in cases.items():
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / name)
        with pytest.raises(ModelError, match="computes attention in a way of its own"):
            Decoder(tmp_path / name, device="cpu").prefill(IDS)


def test_an_encoder_with_a_language_head_is_refused(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "bert", head="AutoModelForMaskedLM")
    with pytest.raises(ModelError, match=r"cannot be|not a causal decoder|no trained weights"):
        Decoder(folder, device="cpu").next_logits([IDS[:5]])


def test_unknown_architectures_and_bad_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        _ = Decoder("./nowhere").shape
    (tmp_path / "new").mkdir()
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        _ = Decoder(tmp_path / "new").shape
    (tmp_path / "new" / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="LoRA adapter alone"):
        _ = Decoder(tmp_path / "new").shape
    (tmp_path / "new" / "config.json").write_text('{"model_type": "flux_capacitor"}')
    with pytest.raises(ModelError, match="unknown architecture 'flux_capacitor'"):
        _ = Decoder(tmp_path / "new").shape
    (tmp_path / "new" / "config.json").write_text('{"model_type": "mine", "auto_map": {"AutoModelForCausalLM": "mine.Mine"}}')
    with pytest.raises(ModelError, match="trust_remote_code=True"):
        _ = Decoder(tmp_path / "new").shape


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = save_decoder(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled"):
        Decoder(folder).warm_up()


def test_weights_that_end_too_early_are_refused(tmp_path: Path) -> None:
    path = save_decoder(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        Decoder(tmp_path, device="cpu").warm_up()


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = save_decoder(tmp_path)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"num_hidden_layers": 3', '"num_hidden_layers": 4'))
    with pytest.raises(ModelError, match="no trained weights for"):
        Decoder(folder, device="cpu").warm_up()


def test_fingerprints_follow_weights_and_settings(decoder_folder: Callable[[str], Path], tmp_path: Path) -> None:
    folder = decoder_folder("llama")
    one, same, half = Decoder(folder), Decoder(folder, batch_tokens=9), Decoder(folder, dtype="bfloat16")
    assert one.fingerprint == same.fingerprint != half.fingerprint
    assert one.weights == half.weights != Decoder(save_decoder(tmp_path, seed=8)).weights


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_stays_near(dtype: str, llama: Decoder, decoder_folder: Callable[[str], Path]) -> None:
    half = Decoder(decoder_folder("llama"), device="cpu", dtype=dtype)
    prefix, tail = half.prefill(IDS[:40]), IDS[40:]
    found = half.attention(prefix, tail)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, llama.attention(llama.prefill(IDS[:40]), tail), atol=0.2)
    assert half.next_logits([tail], prefix=prefix).dtype == np.float32
    assert len(half.generate(["one fox"], max_new_tokens=3)) == 1
