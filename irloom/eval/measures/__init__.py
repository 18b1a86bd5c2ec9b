"""One measure a file. A measure is a value: `nDCG(10)` and `parse_measure("nDCG@10")` are equal and print as `nDCG@10`."""

from irloom.eval.measures.average_precision import AP
from irloom.eval.measures.base import Measure
from irloom.eval.measures.judged import Judged
from irloom.eval.measures.ndcg import nDCG
from irloom.eval.measures.parse import parse_measure
from irloom.eval.measures.precision import P
from irloom.eval.measures.recall import R
from irloom.eval.measures.reciprocal_rank import RR
from irloom.eval.measures.success import Success

__all__ = ["AP", "RR", "Judged", "Measure", "P", "R", "Success", "nDCG", "parse_measure"]
