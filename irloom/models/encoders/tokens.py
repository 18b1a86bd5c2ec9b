"""TokenEncoder: the token vectors of any DenseEncoder, for MaxSim."""

from collections.abc import Sequence

from irloom.core.batches import TokenBatch
from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.encoders.dense import DenseEncoder

TOKEN_DTYPES = ("float16", "float32")


class TokenEncoder:
    """One vector for each token of a text: the last layer's states, each of length 1.

    Special tokens ([CLS], [SEP] and the like) are left out, so that a score counts words only; a text that has nothing else
    keeps them, so that each text has at least one vector. Prompts and length limit are the encoder's; Dense modules,
    truncation and pooling belong to the single vector and are not applied.

    Paper: Khattab, Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT",
        SIGIR 2020, section 3.2.
    Differs: no linear layer, no [MASK] expansion and no punctuation filter: the model was not trained for late interaction.
    """

    def __init__(self, encoder: DenseEncoder, *, dtype: str = "float16") -> None:
        """Shares the weights of `encoder`.

        Args:
            encoder: the encoder whose token states are wanted.
            dtype: type of the vectors that come out, "float16" or "float32".

        Raises:
            BadValue: another dtype.
        """
        if dtype not in TOKEN_DTYPES:
            raise BadValue("dtype", dtype, f"one of {', '.join(TOKEN_DTYPES)}")
        self.encoder, self.dtype = encoder, dtype

    @property
    def space(self) -> str:
        """Names what makes token vectors comparable: weights, tokenizer, prompts, and how special tokens are treated."""
        chosen = self.encoder.settings
        return f"tokens:{short_hash(self.encoder.weights_hash, str(chosen.lower), chosen.query_prompt, chosen.document_prompt, 'words')}"

    @property
    def compatible_with(self) -> tuple[str, ...]:
        """Other spaces whose vectors may be compared with these: none."""
        return ()

    @property
    def fingerprint(self) -> str:
        """The space with types, backend and length limit."""
        _, _, rest = self.encoder.fingerprint.partition(self.encoder.space)
        return f"{self.space}{rest}:{self.dtype}"

    def warm_up(self) -> None:
        """Loads the encoder's weights."""
        self.encoder.warm_up()

    def encode_queries(self, queries: Sequence[Query]) -> TokenBatch:
        """One row of token vectors a query, in their order."""
        texts = [query.text for query in queries]
        return self.encoder.token_vectors(texts, prompt=self.encoder.settings.query_prompt, dtype=self.dtype)

    def encode_documents(self, documents: Sequence[Document]) -> TokenBatch:
        """One row of token vectors a document (title and text), in their order."""
        texts = [document.full_text for document in documents]
        return self.encoder.token_vectors(texts, prompt=self.encoder.settings.document_prompt, dtype=self.dtype)
