"""The four shapes of an encoding. `B` in a contract is one of them; rows are queries or documents."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

DenseBatch: TypeAlias = NDArray[np.float32] | NDArray[np.float16]
"""float32 or float16 (n, dim): one vector a row."""


@dataclass(frozen=True, slots=True)
class SparseBatch:
    """Rows of weighted terms in compressed form.

    Attributes:
        indptr: int64 (n+1,), row i holds the entries indptr[i]:indptr[i+1].
        term_ids: int32 (nnz,).
        weights: float32 (nnz,).
    """

    indptr: NDArray[np.int64]
    term_ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Rows of several vectors each.

    Attributes:
        offsets: int64 (n+1,), row i holds the vectors offsets[i]:offsets[i+1].
        vectors: float32 or float16 (tokens, dim).
        weights: float32 (tokens,), or None where every token counts 1.
    """

    offsets: NDArray[np.int64]
    vectors: NDArray[np.float32] | NDArray[np.float16]
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class CodeBatch:
    """Rows of packed bits.

    Attributes:
        codes: uint8 (n, bytes).
        norms: float32 (n,).
    """

    codes: NDArray[np.uint8]
    norms: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.codes)
