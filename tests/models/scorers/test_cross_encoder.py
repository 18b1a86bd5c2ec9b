import json
import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.scorers.cross_encoder import CrossEncoder
from tests.models.tiny import TEXTS

QUERY = Query("q", "which fox jumps over the dog")
DOCUMENTS = [Document(str(n), text) for n, text in enumerate(TEXTS)]


def scorer(folder: Path, **settings: Any) -> CrossEncoder:
    return CrossEncoder(folder, device="cpu", **settings)


def by_hand(folder: Path, query: str, document: str, *, cut: int | None = None) -> Any:
    """The model's logits for one pair."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    how: dict[str, Any] = {} if cut is None else {"truncation": "only_second", "max_length": cut}
    with torch.inference_mode():
        return model(**tokenizer([query], [document], return_tensors="pt", **how)).logits[0].numpy()


def test_one_logit_as_it_is(tiny_scorer: Path) -> None:
    scores = scorer(tiny_scorer).score([(QUERY, DOCUMENTS)])[0]
    assert scores.dtype == np.float32
    for score, document in zip(scores, DOCUMENTS, strict=True):
        assert score == pytest.approx(by_hand(tiny_scorer, QUERY.text, document.text)[0], abs=1e-5)


def test_two_logits(tiny_two_logits: Path) -> None:
    logits = np.array([by_hand(tiny_two_logits, QUERY.text, document.text) for document in DOCUMENTS])
    exponentials = np.exp(logits)
    groups = [(QUERY, DOCUMENTS)]
    expected = {
        None: logits[:, 1] - logits[:, 0],
        "log_odds": logits[:, 1] - logits[:, 0],
        "logit": logits[:, 1],
        "softmax": exponentials[:, 1] / exponentials.sum(axis=1),
        "sigmoid": 1 / (1 + np.exp(-logits[:, 1])),
        "saved": logits[:, 1],  # nothing is saved, and there are several logits
    }
    for activation, values in expected.items():
        np.testing.assert_allclose(scorer(tiny_two_logits, activation=activation).score(groups)[0], values, atol=1e-5)
    np.testing.assert_allclose(scorer(tiny_two_logits, label=0).score(groups)[0], logits[:, 0] - logits[:, 1], atol=1e-5)


@pytest.mark.parametrize("backend", ["packed", "transformers"])
@pytest.mark.parametrize("batch_tokens", [1, 100, 5000])
def test_a_score_depends_on_its_pair_alone(tiny_scorer: Path, batch_tokens: int, backend: str) -> None:
    ours = scorer(tiny_scorer, batch_tokens=batch_tokens, backend=backend)
    whole = ours.score([(QUERY, DOCUMENTS)])[0]
    np.testing.assert_allclose(ours.score([(QUERY, DOCUMENTS[::-1])])[0][::-1], whole, atol=1e-5)
    alone = [ours.score([(QUERY, [document])])[0][0] for document in DOCUMENTS]
    np.testing.assert_allclose(alone, whole, atol=1e-5)
    np.testing.assert_allclose(scorer(tiny_scorer).score([(QUERY, DOCUMENTS)])[0], whole, atol=1e-5)


def test_groups_keep_their_places(tiny_scorer: Path) -> None:
    ours = scorer(tiny_scorer)
    other = Query("r", "tea")
    scores = ours.score([(QUERY, DOCUMENTS[:2]), (other, []), (other, DOCUMENTS[1:4])])
    assert [row.shape for row in scores] == [(2,), (0,), (3,)]
    np.testing.assert_allclose(scores[2], ours.score([(other, DOCUMENTS[1:4])])[0], atol=1e-5)
    assert ours.score([]) == []


def test_the_document_is_cut_and_the_query_capped(tiny_scorer: Path, caplog: pytest.LogCaptureFixture) -> None:
    long = Document("long", "a dog " * 60)
    with caplog.at_level(logging.WARNING, "irloom"):
        score = scorer(tiny_scorer).score([(QUERY, [long, DOCUMENTS[0]])])[0][0]
    assert [record.getMessage() for record in caplog.records] == [
        "CrossEncoder: 1 of 2 texts are longer than 64 tokens and were cut at the end; said once"
    ]
    assert score == pytest.approx(by_hand(tiny_scorer, QUERY.text, long.text, cut=64)[0], abs=1e-5)
    capped = scorer(tiny_scorer, query_tokens=2).score([(Query("q", "the the the the"), [DOCUMENTS[6]])])[0][0]
    assert capped == pytest.approx(by_hand(tiny_scorer, "the the", DOCUMENTS[6].text)[0], abs=1e-5)


def test_the_title_is_read(tiny_scorer: Path) -> None:
    first, second = scorer(tiny_scorer).score([(QUERY, [Document("1", "b", "a"), Document("2", "a b")])])[0]
    assert first == pytest.approx(second, abs=1e-6)


def test_an_untrained_head_is_refused(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match=r"no trained weights for classifier\.weight"):
        scorer(tiny_bert).warm_up()


def test_a_bi_encoder_is_refused(tiny_scorer: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_scorer, tmp_path / "model")
    modules = [{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "1_Pooling"}]
    (tmp_path / "model" / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match="its modules are Transformer, Pooling"):
        scorer(tmp_path / "model").warm_up()
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        scorer(tmp_path).warm_up()


def test_labels_of_several(tiny_two_logits: Path) -> None:
    with pytest.raises(BadValue, match="label is 2; expected 0 to 1"):
        scorer(tiny_two_logits, label=2).warm_up()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"activation": "tanh"}, "activation"),
        ({"truncation": "left"}, "truncation"),
        ({"dtype": "int8"}, "dtype"),
        ({"backend": "onnx"}, "backend"),
        ({"label": -1}, "label"),
        ({"query_tokens": 0}, "query_tokens"),
        ({"max_tokens": 4}, "max_tokens"),
        ({"batch_tokens": 0}, "batch_tokens"),
    ],
)
def test_arguments_out_of_range(wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(BadValue, match=name):
        CrossEncoder("anything", **wrong)


def test_the_fingerprint_follows_what_changes_scores(tiny_scorer: Path, tiny_two_logits: Path) -> None:
    different = [
        CrossEncoder(tiny_scorer),
        CrossEncoder(tiny_two_logits),
        CrossEncoder(tiny_scorer, activation="sigmoid"),
        CrossEncoder(tiny_scorer, truncation="longest_first"),
        CrossEncoder(tiny_scorer, max_tokens=32),
    ]
    assert len({one.fingerprint for one in different}) == 5
    assert CrossEncoder(tiny_scorer, batch_tokens=5).fingerprint == different[0].fingerprint


def test_threads_share_a_scorer(tiny_scorer: Path) -> None:
    ours = scorer(tiny_scorer)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: ours.score([(QUERY, DOCUMENTS)])[0], range(8)))
    for scores in results:
        np.testing.assert_allclose(scores, results[0], atol=1e-6)
