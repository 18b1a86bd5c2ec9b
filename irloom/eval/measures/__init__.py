"""One measure a file. A measure is a value: `nDCG(10)` and `parse_measure("nDCG@10")` are equal and print as `nDCG@10`."""

from irloom.eval.measures.accuracy import Accuracy
from irloom.eval.measures.alpha_ndcg import alpha_DCG, alpha_nDCG
from irloom.eval.measures.average_precision import AP
from irloom.eval.measures.base import Measure
from irloom.eval.measures.bejeweled import BPM
from irloom.eval.measures.bpref import Bpref
from irloom.eval.measures.capped_recall import R_cap
from irloom.eval.measures.compatibility import Compat
from irloom.eval.measures.counts import NumQ, NumRel, NumRet
from irloom.eval.measures.expected_reciprocal_rank import ERR
from irloom.eval.measures.inferred_ap import infAP
from irloom.eval.measures.inst import INSQ, INST
from irloom.eval.measures.intent_err import ERR_IA, nERR_IA
from irloom.eval.measures.intent_precision import AP_IA, P_IA, StRecall
from irloom.eval.measures.interpolated_precision import IPrec
from irloom.eval.measures.judged import Judged
from irloom.eval.measures.ndcg import nDCG
from irloom.eval.measures.nearly_err import NERR8, NERR9, NERR10, NERR11
from irloom.eval.measures.novelty_rbp import NRBP, nNRBP
from irloom.eval.measures.parse import parse_measure
from irloom.eval.measures.precision import P
from irloom.eval.measures.r_precision import Rprec
from irloom.eval.measures.rank_biased_precision import RBP
from irloom.eval.measures.recall import R
from irloom.eval.measures.reciprocal_rank import RR
from irloom.eval.measures.scaled_dcg import SDCG
from irloom.eval.measures.set_measures import SetAP, SetF, SetP, SetR
from irloom.eval.measures.success import Success

__all__ = [
    "AP",
    "AP_IA",
    "BPM",
    "ERR",
    "ERR_IA",
    "INSQ",
    "INST",
    "NERR8",
    "NERR9",
    "NERR10",
    "NERR11",
    "NRBP",
    "P_IA",
    "RBP",
    "RR",
    "SDCG",
    "Accuracy",
    "Bpref",
    "Compat",
    "IPrec",
    "Judged",
    "Measure",
    "NumQ",
    "NumRel",
    "NumRet",
    "P",
    "R",
    "R_cap",
    "Rprec",
    "SetAP",
    "SetF",
    "SetP",
    "SetR",
    "StRecall",
    "Success",
    "alpha_DCG",
    "alpha_nDCG",
    "infAP",
    "nDCG",
    "nERR_IA",
    "nNRBP",
    "parse_measure",
]
