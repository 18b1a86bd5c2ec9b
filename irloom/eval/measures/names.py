"""The measures by name, ir_measures' other names for them, and what else they are called."""

from collections.abc import Mapping

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
from irloom.eval.measures.precision import P
from irloom.eval.measures.r_precision import Rprec
from irloom.eval.measures.rank_biased_precision import RBP
from irloom.eval.measures.recall import R
from irloom.eval.measures.reciprocal_rank import RR
from irloom.eval.measures.scaled_dcg import SDCG
from irloom.eval.measures.set_measures import SetAP, SetF, SetP, SetR
from irloom.eval.measures.success import Success

_KINDS: tuple[type[Measure], ...] = (
    *(nDCG, RR, AP, P, R, R_cap, Success, Judged, Rprec, IPrec, Bpref, infAP, ERR, RBP, Compat, Accuracy),
    *(SetP, SetR, SetF, SetAP, NumQ, NumRet, NumRel),
    *(INST, INSQ, BPM, SDCG, NERR8, NERR9, NERR10, NERR11),
    *(alpha_nDCG, alpha_DCG, ERR_IA, nERR_IA, NRBP, nNRBP, P_IA, AP_IA, StRecall),
)
MEASURES: Mapping[str, type[Measure]] = {kind.__name__: kind for kind in _KINDS}
ALIASES: Mapping[str, tuple[str, tuple[tuple[str, object], ...]]] = {
    "MRR": ("RR", ()),
    "MAP": ("AP", ()),
    "NDCG": ("nDCG", ()),
    "Precision": ("P", ()),
    "Recall": ("R", ()),
    "RPrec": ("Rprec", ()),
    "BPref": ("Bpref", ()),
    "MAP_IA": ("AP_IA", ()),
    "α_DCG": ("alpha_DCG", ()),
    "α_nDCG": ("alpha_nDCG", ()),
    "SetRelP": ("SetP", (("relative", True),)),
    "NumRelRet": ("NumRet", (("rel", 1),)),
}
"""ir_measures' other names: ours, and the parameters that they stand for."""
ELSEWHERE: Mapping[str, str] = {
    "mrr": "RR",
    "map": "AP",
    "precision": "P",
    "recall": "R",
    "hit": "Success",
    "hits": "Success",
    "hitrate": "Success",
    "accuracy": "Success",
    "cappedrecall": "R_cap",
    "rcap": "R_cap",
}
"""Names that other tools use, in lower case, and ours."""
