"""LiT5 over a small T5: texts, cutting, orders, and the attention against what transformers gives."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.types import Document, Query
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import Candidates, Spent
from irloom.rerankers.comparators.list_answers import read_order
from irloom.rerankers.comparators.list_prompt import ListPrompt
from irloom.rerankers.comparators.lit5 import LiT5Distill, LiT5Score
from irloom.rerankers.listwise import Listwise
from tests.fakes_llm import FakeDecoder
from tests.models.tiny_t5 import save_t5

PUBLISHED = json.loads((Path(__file__).parents[2] / "golden" / "list_prompts.json").read_text(encoding="utf-8"))
DOCUMENTS = [Document(f"d{place}", one["text"], title=one["title"]) for place, one in enumerate(PUBLISHED["documents"])]
REQUEST: Candidates = (
    Query("q", "red fox runs"),
    [Document(f"d{place}", text) for place, text in enumerate(["quick red fox", "blue whale sings", "", "brown dog runs"])],
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Seq2Seq:
    return Seq2Seq(save_t5(tmp_path_factory.mktemp("t5")), device="cpu")


@pytest.mark.parametrize(("comparator", "name"), [(LiT5Distill, "lit5"), (LiT5Score, "lit5_score")])
def test_the_published_texts(comparator: type[LiT5Distill] | type[LiT5Score], name: str) -> None:
    found = [
        comparator.text.format(query=PUBLISHED["query"], index=place + 1, passage=ListPrompt().passage(document))
        for place, document in enumerate(DOCUMENTS)
    ]
    assert found == [one["text"] for one in PUBLISHED[name]]


def test_what_is_written_is_read(model: Seq2Seq) -> None:
    (answer, none) = LiT5Distill(model).order([REQUEST, (REQUEST[0], REQUEST[1][:1])])
    ids = [
        model.encode(f"Search Query: red fox runs Passage: [{place}] {document.text} Relevance Ranking: ", special=True)
        for place, document in enumerate(REQUEST[1], start=1)
    ]
    most = len(model.encode("[1] > [2] > [3] > [4]", special=True))
    (text,) = model.generate_fused([ids], max_new_tokens=most)
    assert (answer.value, answer.fault) == read_order(text, 4, ListPrompt())
    assert answer.detail == text
    assert answer.spent.prompt_tokens == sum(map(len, ids))
    assert (none.value, none.spent) == ([0], Spent())


def test_attention_is_that_of_transformers(model: Seq2Seq) -> None:
    """The published sum by its definition: value lengths times weights over all steps, without padding and query."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    comparator = LiT5Score(model)
    (answer,) = comparator.order([REQUEST])
    plain = transformers.T5ForConditionalGeneration.from_pretrained(model.folder, attn_implementation="eager").eval()
    texts = [model.encode(f"question: red fox runs context: {document.text}", special=True) for document in REQUEST[1]]
    asked = len(model.encode("question: red fox runs"))
    with torch.inference_mode():
        states = torch.cat([plain.encoder(input_ids=torch.tensor(ids)[None]).last_hidden_state for ids in texts], dim=1)
        outputs = transformers.modeling_outputs.BaseModelOutput(last_hidden_state=states)
        written = plain.generate(encoder_outputs=outputs, max_length=20, do_sample=False)
        steps = written[:, :-1] if written.shape[1] == 20 or written[0, -1] == 1 else written
        done = plain(encoder_outputs=outputs, decoder_input_ids=steps, output_attentions=True)
        scores = np.zeros(states.shape[1])
        for block, weights in zip(plain.decoder.block, done.cross_attentions, strict=True):
            values = block.layer[1].EncDecAttention.v(states)[0].view(states.shape[1], 4, -1).norm(dim=-1)
            scores += np.einsum("hts,sh->s", weights[0].numpy(), values.numpy()) / 4
    starts = np.cumsum([0, *map(len, texts)])
    wanted = [scores[start + asked : end].sum() for start, end in pairwise(starts)]
    found = comparator.attention.read([texts])[0]
    np.testing.assert_allclose([row[asked:].sum() for row in found.weights], wanted, rtol=1e-4)
    assert answer.value == np.argsort(-np.array(wanted), kind="stable").tolist()
    assert answer.spent.new_tokens == found.written == steps.shape[1]


def test_long_passages_lose_words_and_keep_their_end(model: Seq2Seq) -> None:
    query = REQUEST[0]
    long = Document("long", "quick brown fox " * 100)
    (answer,) = LiT5Distill(model, passage_tokens=60).order([(query, [long, Document("short", "owl")])])
    assert answer.spent.cut_documents == {"long"}
    assert answer.spent.prompt_tokens <= 120
    assert sorted(answer.value) == [0, 1]
    fitted = LiT5Distill(model, passage_tokens=60)._fitted(query, 1, long)
    assert fitted is not None
    assert model.decode(fitted.prompt).endswith("Relevance Ranking:")
    (failed,) = LiT5Distill(model, passage_tokens=16).order([(Query("q", "whale " * 50), REQUEST[1])])
    assert (failed.value, failed.fault) == ([0, 1, 2, 3], "failed")


def test_in_the_reranker(model: Seq2Seq) -> None:
    class Texts:
        def fetch(self, doc_ids: list[str]) -> list[Document]:
            return [Document(doc_id, doc_id) for doc_id in doc_ids]

    for prompt in ("lit5_distill", "lit5_score"):
        reranker = Listwise(model, Texts(), prompt=prompt)
        reranker.warm_up()
        assert isinstance(reranker.comparator, LiT5Distill | LiT5Score)
        assert reranker.fingerprint != Listwise(model, Texts(), prompt=prompt, depth=5).fingerprint
    with pytest.raises(BadValue, match="an encoder-decoder such as T5"):
        Listwise(FakeDecoder(), Texts(), prompt="lit5_score")
    with pytest.raises(BadValue, match="lit5_distill, lit5_score"):
        Listwise(model, Texts())
    with pytest.raises(BadValue, match="passage_tokens"):
        LiT5Score(model, passage_tokens=2)
