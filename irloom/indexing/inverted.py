"""The inverted index: a part of a collection for lexical retrieval, and its reader."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import CollectionError, Corrupt
from irloom.core.files import Progress
from irloom.indexing.forward import ForwardFile, write_forward
from irloom.indexing.kernels.layout import MAX_DOCUMENTS
from irloom.indexing.parts import DocumentSource, Json
from irloom.indexing.postings import PostingsWriter, read_lists
from irloom.indexing.spill import Spill
from irloom.indexing.strings import pack
from irloom.indexing.term_table import TermTable, write_vocabulary
from irloom.text.analyzer import Analyzer
from irloom.text.vocabulary import Vocabulary

MAX_POSTINGS: Final = 1 << 32


class BM25Part:
    """Builds the inverted index of a segment: a PartBuilder of the kind "bm25".

    Documents are read once, in batches. Memory holds the vocabulary, 12 bytes a document and one slice of the
    postings; the rest waits on disk.

    Args:
        analyzer: how text becomes terms; the manifest keeps its configuration.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer

    @property
    def kind(self) -> str:
        return "bm25"

    @property
    def space(self) -> str:
        """Names the analysis: terms of another one cannot be looked up."""
        return f"bm25/{self.analyzer.fingerprint}"

    @property
    def fingerprint(self) -> str:
        return self.space

    @property
    def parameters(self) -> Mapping[str, Json]:
        return {"analyzer": cast(Mapping[str, Json], self.analyzer.parameters)}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Writes the index of all documents into `folder`.

        Raises:
            CollectionError: there are more documents or postings than one segment can hold.
        """
        if len(documents) > MAX_DOCUMENTS:
            raise CollectionError(f"{len(documents)} documents; a segment holds up to {MAX_DOCUMENTS}")
        vocabulary = Vocabulary(self.analyzer)
        spill = Spill(work, documents, len(documents), vocabulary, progress)
        if len(spill.terms) >= MAX_POSTINGS or len(vocabulary) > MAX_DOCUMENTS:
            raise CollectionError(
                f"{len(spill.terms)} postings of {len(vocabulary)} terms; a segment holds up to {MAX_POSTINGS} of {MAX_DOCUMENTS}"
            )
        terms = [term.encode("utf-8", "surrogatepass") for term in vocabulary.terms]
        order = np.array(sorted(range(len(terms)), key=lambda term: (-int(spill.df[term]), terms[term])), np.int64)
        number = np.empty(len(terms), np.int32)
        number[order] = np.arange(len(terms), dtype=np.int32)
        names = vocabulary.terms
        write_vocabulary(folder, *pack([names[term] for term in order.tolist()]))
        PostingsWriter(folder, spill.df[order], spill.lengths).write(spill, number, progress)
        write_forward(folder, spill, number)


class InvertedIndex:
    """The index of a segment, memory-mapped.

    Attributes:
        lists: the postings.
        terms: the vocabulary.
        forward: the documents' terms.
        documents: how many there are, deleted ones too.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self.lists, self.terms, self.forward = read_lists(folder), TermTable(folder), ForwardFile(folder)
        self.documents = len(self.lists.lengths)
        if len(self.terms) != int(self.lists.runs[-1, 0]) or len(self.forward) != self.documents:
            raise Corrupt(folder / "runs.npy", "the postings do not fit the vocabulary or the forward file")

    def df(self, numbers: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int64]:
        """int64 (n,): in how many documents each term of these numbers occurs."""
        runs = np.searchsorted(self.lists.runs[:, 0], np.asarray(numbers), side="right") - 1
        return np.asarray(self.lists.runs[runs, 2])
