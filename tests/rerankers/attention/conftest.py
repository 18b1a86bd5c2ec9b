"""The seeded model, loaded once, and the toy documents as a corpus."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document
from irloom.models.decoders.decoder import Decoder
from tests.rerankers.attention.seeded import DOCUMENTS, save_seeded


class Texts:
    """Documents by id; those of the toy example where none are given."""

    def __init__(self, documents: Sequence[Document] = ()) -> None:
        own = documents or [Document(str(place), body, title=title) for place, (title, body) in enumerate(DOCUMENTS)]
        self.documents = {document.id: document for document in own}

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        return [self.documents[doc_id] for doc_id in doc_ids]

    @property
    def run(self) -> Run:
        return Run.from_rankings({"q": Ranking.from_order(list(self.documents))})


@pytest.fixture(scope="session")
def seeded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_seeded(tmp_path_factory.mktemp("seeded"))


@pytest.fixture(scope="session")
def seeded(seeded_folder: Path) -> Decoder:
    return Decoder(seeded_folder, device="cpu")


@pytest.fixture
def texts() -> Texts:
    return Texts()
