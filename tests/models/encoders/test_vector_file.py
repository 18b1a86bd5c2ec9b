from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError, DuplicateDocument, ShapeMismatch
from irloom.core.types import Document, Query
from irloom.models.encoders.vector_file import VectorFile


def write(path: Path, ids: list[str], vectors: Any) -> Path:
    np.save(path, vectors)
    path.with_suffix(".ids").write_text("".join(f"{name}\n" for name in ids), encoding="utf-8")
    return path


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write(tmp_path / "documents.npy", ["a", "b", "ç"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_vectors_by_id(documents: Path, tmp_path: Path) -> None:
    queries = write(tmp_path / "queries.npy", ["q"], np.ones((1, 2), dtype=np.float16))
    encoder = VectorFile(documents, queries=queries, dim=2)
    encoder.warm_up()
    assert encoder.encode_documents([Document("ç", ""), Document("a", "")]).tolist() == [[4, 5], [0, 1]]
    assert encoder.encode_queries([Query("q", "")]).dtype == np.float16
    assert encoder.encode_documents([]).shape == (0, 2)
    assert encoder.dim == 2


def test_the_space_is_the_documents_or_the_name(documents: Path, tmp_path: Path) -> None:
    queries = write(tmp_path / "queries.npy", ["q"], np.ones((1, 2), dtype=np.float32))
    both = VectorFile(documents, queries=queries)
    assert both.space == VectorFile(documents).space
    assert both.fingerprint != VectorFile(documents).fingerprint
    assert VectorFile(queries=queries).space != both.space
    assert VectorFile(queries=queries, space="mine").space == "mine"


def test_unknown_ids_are_counted(documents: Path) -> None:
    with pytest.raises(DataError, match=r"documents\.npy has no vector for document 'x' \(2 of 3 asked for are missing\)"):
        VectorFile(documents).encode_documents([Document(name, "") for name in ("a", "x", "y")])
    with pytest.raises(DataError, match="no file of query vectors"):
        VectorFile(documents).encode_queries([Query("q", "")])


def test_files_that_do_not_fit(tmp_path: Path, documents: Path) -> None:
    with pytest.raises(DataError, match=r"has 1 ids and .* has 3 vectors"):
        VectorFile(write(tmp_path / "few.npy", ["a"], np.zeros((3, 2), dtype=np.float32))).warm_up()
    with pytest.raises(DuplicateDocument, match="line 2: document 'a' occurs twice"):
        VectorFile(write(tmp_path / "twice.npy", ["a", "a"], np.zeros((2, 2), dtype=np.float32))).warm_up()
    with pytest.raises(ShapeMismatch, match=r"expected \(n, 3\)"):
        VectorFile(documents, dim=3).warm_up()
    with pytest.raises(ShapeMismatch, match=r"has the shape \(2,\)"):
        VectorFile(write(tmp_path / "flat.npy", ["a", "b"], np.zeros(2, dtype=np.float32))).warm_up()
    with pytest.raises(DataError, match="float64; vectors are float32 or float16"):
        VectorFile(write(tmp_path / "double.npy", ["a"], np.zeros((1, 2)))).warm_up()
    with pytest.raises(DataError, match="'a' holds NaN or infinity"):
        VectorFile(write(tmp_path / "nan.npy", ["a"], np.array([[np.nan, 1]], dtype=np.float32))).encode_documents([Document("a", "")])


def test_files_that_cannot_be_read(tmp_path: Path, documents: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.npy: no such file"):
        VectorFile(tmp_path / "nowhere.npy").warm_up()
    with pytest.raises(DataError, match=r"nowhere\.npy: no such file"):
        _ = VectorFile(tmp_path / "nowhere.npy").space
    with pytest.raises(DataError, match="names the rows of"):
        VectorFile(documents, document_ids=tmp_path / "nowhere.ids").warm_up()
    documents.with_suffix(".ids").write_bytes(b"a\n\xff\nc\n")
    with pytest.raises(DataError, match="not UTF-8"):
        VectorFile(documents).warm_up()
    documents.write_bytes(documents.read_bytes()[:-4])
    with pytest.raises(DataError, match=r"documents\.npy: no array that numpy can map .*np\.save"):
        VectorFile(documents).warm_up()
    for folder in (".", tmp_path):
        with pytest.raises(DataError, match=r"is a folder; name a \.npy file"):
            VectorFile(folder).warm_up()


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        (np.ones((2, 3), np.float32).T, "Fortran order"),
        (np.ones((3, 2), ">f4"), "holds >f4; vectors are float32 or float16"),
        (np.array([["a"], ["b"], [None]], object), "no array that numpy can map"),
    ],
)
def test_arrays_that_are_no_vectors_are_told_with_the_cure(documents: Path, strange: Any, said: str) -> None:
    np.save(documents, strange)
    with pytest.raises(DataError, match=said) as error:
        VectorFile(documents).warm_up()
    assert "np.save(file, np.ascontiguousarray(vectors, np.float32))" in str(error.value)
    documents.write_bytes(b"no array at all")
    with pytest.raises(DataError, match="no array that numpy can map"):
        VectorFile(documents).warm_up()


def test_arguments() -> None:
    with pytest.raises(BadValue, match=r"the path of a \.npy file"):
        VectorFile()
    with pytest.raises(BadValue, match="dim is 0"):
        VectorFile("x.npy", dim=0)
