"""FIRST's order is that of the full logits; letters, fitting and failures."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError, NotANumber, UnknownName
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.prefix import Prefix
from irloom.rerankers.comparators.contract import Candidates, Spent
from irloom.rerankers.comparators.first import FirstToken
from irloom.rerankers.comparators.first_prompt import FIRST_PROMPTS, identifier_tokens
from irloom.rerankers.comparators.list_prompt import ListPrompt
from tests.fakes_llm import FakeDecoder
from tests.models.decoders.tiny_decoders import save_decoder

WORDS = ["red fox", "blue whale", "green owl sings", "", "whale whale", "the quick brown dog", "[B] > [A]"]


def request(n: int, *, name: str = "q", seed: int = 0) -> Candidates:
    random = np.random.default_rng(seed)
    return Query(name, "blue whale sings"), [Document(f"d{place}", WORDS[random.integers(len(WORDS))]) for place in range(n)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            made[family] = save_decoder(tmp_path_factory.mktemp(family), family, context=1500)
        return made[family]

    return folder


@pytest.mark.parametrize("family", ["llama", "mistral", "qwen2", "gemma"])
@pytest.mark.parametrize("prompt", sorted(FIRST_PROMPTS))
def test_the_order_of_the_full_logits(saved: Callable[[str], Path], family: str, prompt: str) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = saved(family)
    comparator = FirstToken(str(folder), prompt=prompt)
    requests = [request(20), request(5, seed=1), request(1), request(2, seed=2)]
    answers, letters, best = comparator.order(requests), comparator.read(requests), comparator.select(requests)
    plain = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    tokens = [comparator.decoder.token(chr(ord("A") + place), after="[") for place in range(20)]
    for (query, documents), answer, found, chosen in zip(requests, answers, letters, best, strict=True):
        assert found is not None
        if len(documents) < 2:
            assert (answer.value, answer.spent, chosen.value) == ([0], Spent(), 0)
            continue
        shown = FIRST_PROMPTS[prompt].messages(query.text, [FIRST_PROMPTS[prompt].passage(document) for document in documents])
        ids = comparator.decoder.encode_chat(shown, start="[")
        with torch.inference_mode():
            whole = plain(input_ids=torch.tensor(ids)[None]).logits[0, -1].numpy()
        wanted = whole[tokens[: len(documents)]]
        np.testing.assert_allclose(found.logits, wanted, atol=1e-4)
        assert answer.value == np.argsort(-wanted, kind="stable").tolist()
        assert chosen.value == answer.value[0]
        assert answer.spent == chosen.spent == Spent(len(ids), 0, 1)


def test_greedy_generation_begins_with_our_best(saved: Callable[[str], Path]) -> None:
    """Sheet 03: where the model's first token is a letter at all, it is the best one."""
    comparator = FirstToken(str(saved("llama")))
    decoder = comparator.decoder
    letters = comparator.letter_tokens[:20]
    asked = request(20)
    shown = FIRST_PROMPTS["authors"].messages(asked[0].text, [FIRST_PROMPTS["authors"].passage(document) for document in asked[1]])
    logits = decoder.next_logits([decoder.encode_chat(shown, start="[")])[0]
    only_letters = np.full_like(logits, -np.inf)
    only_letters[letters] = logits[letters]
    assert int(np.argmax(only_letters)) == letters[comparator.order([asked])[0].value[0]]


def test_the_answer_does_not_depend_on_its_batch(saved: Callable[[str], Path]) -> None:
    comparator = FirstToken(Decoder(saved("llama"), device="cpu"), prompt="short")
    requests = [request(n, seed=n) for n in (2, 20, 7, 13)]
    together = comparator.read(requests)
    for one, other in zip(requests, together, strict=True):
        (alone,) = comparator.read([one])
        assert alone is not None
        assert other is not None
        np.testing.assert_allclose(alone.logits, other.logits, atol=1e-4)
    comparator.warm_up()
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda _: [answer.value for answer in comparator.order(requests)], range(8)))
    assert all(order == orders[0] for order in orders)


def test_ties_keep_the_order_given() -> None:
    comparator = FirstToken(FakeDecoder())
    query = Query("q", "whale")
    assert comparator.order([(query, [Document("a", "owls"), Document("b", "whale"), Document("c", "owls")])])[0].value == [1, 0, 2]
    assert comparator.order([(query, [Document(str(place), "owls") for place in range(20)])])[0].value == list(range(20))


def test_more_documents_than_letters() -> None:
    comparator = FirstToken(FakeDecoder())
    assert comparator.most == comparator.labels == 20
    with pytest.raises(BadValue, match="documents is 21; expected 20 at most at once"):
        comparator.order([request(21)])


def test_letters_that_are_no_tokens(tmp_path: Path) -> None:
    class Spelt(FakeDecoder):
        def token(self, text: str, *, after: str = "") -> int:
            if text == "J":
                raise ModelError("'J' after '[' is not one token of this tokenizer; it becomes ['J', '_']")
            return super().token(text, after=after)

    class Same(FakeDecoder):
        def token(self, text: str, *, after: str = "") -> int:
            return 7

    with pytest.raises(ModelError, match="'J' after '\\['"):
        FirstToken(Spelt()).warm_up()
    with pytest.raises(ModelError, match="A to T become 1 tokens"):
        FirstToken(Same()).warm_up()
    assert len(identifier_tokens(FakeDecoder(), n=3)) == 3


def test_logits_that_are_nan() -> None:
    class Broken(FakeDecoder):
        def next_logits(
            self, tails: Sequence[NDArray[np.int64]], *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
        ) -> NDArray[np.float32]:
            logits = super().next_logits(tails, prefix=prefix, tokens=tokens)
            logits[-1, 1] = np.nan
            return logits

    with pytest.raises(ModelError, match="query 'second': the logit of document 'd1' is NaN"):
        FirstToken(Broken()).order([request(3, name="first"), request(3, name="second")])


def test_an_error_of_the_decoder_names_its_query() -> None:
    class Broken(FakeDecoder):
        def next_logits(
            self, tails: Sequence[NDArray[np.int64]], *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
        ) -> NDArray[np.float32]:
            if any("second" in self.decode(tail) for tail in tails):
                raise NotANumber("logits that are not numbers")
            return super().next_logits(tails, prefix=prefix, tokens=tokens)

    asked = [(Query(name, name), request(3)[1]) for name in ("first", "second", "third")]
    with pytest.raises(ModelError, match="query 'second': logits that are not numbers"):
        FirstToken(Broken()).order(asked)


def test_a_small_context() -> None:
    query = Query("q", "whale")
    documents = [Document("a", "owls " * 200), Document("b", "whale " * 200), Document("c", "")]
    (answer,) = FirstToken(FakeDecoder(context=400)).order([(query, documents)])
    assert (answer.value[0], answer.fault, answer.spent.cut_documents) == (1, "", {"a", "b"})
    assert answer.spent.prompt_tokens <= 400
    (failed,) = FirstToken(FakeDecoder(context=100)).order([(query, documents)])
    assert (failed.value, failed.fault) == ([0, 1, 2], "failed")
    assert re.fullmatch(r"the query and 3 documents of a word each are \d+ tokens, and the context has 100", failed.detail)
    (none,) = FirstToken(FakeDecoder(context=100)).select([(query, documents)])
    assert (none.value, none.fault) == (0, "failed")


def test_smaller_windows_where_one_word_a_document_is_too_much() -> None:
    query = Query("q", "whale")
    documents = [Document(str(place), "whale" if place == 17 else "owls") for place in range(20)]
    (free,) = FirstToken(FakeDecoder(), prompt="short").order([(query, documents)])
    decoder = FakeDecoder(context=50)
    (answer,) = FirstToken(decoder, prompt="short").order([(query, documents)])
    assert (answer.value[0], answer.fault) == (17, "narrowed") == (free.value[0], "narrowed")
    assert sorted(answer.value) == list(range(20))
    assert answer.detail.startswith("windows of 5, since the query and 20 documents of a word each are ")
    assert answer.spent.calls >= 4


def test_a_document_without_blanks_is_cut_and_the_others_are_ranked() -> None:
    documents = [Document("a", "x" * 1_000_000), Document("b", "owls"), Document("c", "whale")]

    class Letters(FakeDecoder):
        def encode(self, text: str, *, special: bool = False, plain: bool = False) -> NDArray[np.int64]:
            """A long word is many tokens."""
            return super().encode(re.sub(r"(\w{4})", r"\1 ", text) if len(text) > 5000 else text, special=special, plain=plain)

    (answer,) = FirstToken(Letters(context=600), prompt="short").order([(Query("q", "whale"), documents)])
    assert (answer.value[0], answer.fault, answer.spent.cut_documents) == (2, "", {"a"})


def test_settings() -> None:
    with pytest.raises(UnknownName, match="prompt of FIRST"):
        FirstToken(FakeDecoder(), prompt="author")
    with pytest.raises(BadValue, match="by letters"):
        FirstToken(FakeDecoder(), prompt=ListPrompt())
    with pytest.raises(BadValue, match="begins the answer"):
        FirstToken(FakeDecoder(), prompt=ListPrompt(letters=True))
    with pytest.raises(BadValue, match="words"):
        FirstToken(FakeDecoder(), words=0)
    assert FirstToken(FakeDecoder()).fingerprint != FirstToken(FakeDecoder(), prompt="short").fingerprint
