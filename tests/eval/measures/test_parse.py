import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, UnknownName
from irloom.eval.measures import (
    AP,
    BPM,
    ERR,
    ERR_IA,
    INST,
    NERR10,
    RBP,
    RR,
    Compat,
    IPrec,
    Judged,
    Measure,
    NumRet,
    P,
    R,
    R_cap,
    SetF,
    SetP,
    Success,
    alpha_nDCG,
    nDCG,
)
from irloom.eval.measures.names import ALIASES, MEASURES
from irloom.eval.measures.parse import parse_measure

SPELT = {
    "nDCG@10": nDCG(10),
    "nDCG": nDCG(),
    "nDCG(dcg='exp-log2')@10": nDCG(10, dcg="exp-log2"),
    "nDCG(rel=2)@10": nDCG(10, rel=2),
    "nDCG(gains={1:0,2:5})@10": nDCG(10, gains=((1, 0), (2, 5))),
    "AP": AP(),
    "AP(rel=2)@100": AP(100, rel=2),
    "AP(rel=2,judged_only=True)@100": AP(100, rel=2, judged_only=True),
    "RR@10": RR(10),
    "P@5": P(5),
    "R@100": R(100),
    "R(rel=1)@1000": R(1000, rel=1),
    "R_cap@100": R_cap(100),
    "Success@1": Success(1),
    "Judged@10": Judged(10),
    "RBP(rel=1,p=0.5)": RBP(rel=1, p=0.5),
    "ERR@20": ERR(20),
    "IPrec@0.1": IPrec(recall=0.1),
    "SetF(beta=2.0)": SetF(beta=2.0),
    "SetP(relative=True)": SetP(relative=True),
    "NumRet(rel=1)": NumRet(rel=1),
    "Compat(p=0.8,normalize=False)": Compat(p=0.8, normalize=False),
    "INST(max_rel=3)": INST(max_rel=3),
    "BPM(min_rel=1,max_rel=3,T=2.0)@10": BPM(10, min_rel=1, max_rel=3, T=2.0),
    "NERR10(max_rel=3,p=0.8)": NERR10(max_rel=3, p=0.8),
    "ERR_IA@20": ERR_IA(20),
    "alpha_nDCG(rel=2,alpha=0.9)@20": alpha_nDCG(20, rel=2, alpha=0.9),
}


@pytest.mark.parametrize(("text", "measure"), SPELT.items())
def test_parses_and_prints_back(text: str, measure: Measure) -> None:
    assert parse_measure(text) == measure
    assert str(measure) == text
    assert parse_measure(f"  {text} ") == measure


def test_the_default_and_double_quotes_print_in_the_short_form() -> None:
    assert str(parse_measure('nDCG( dcg = "log2" )@10')) == "nDCG@10"
    assert str(parse_measure("nDCG(dcg='exp-log2', rel=2)@10")) == str(parse_measure("nDCG(rel=2,dcg='exp-log2')@10"))
    assert parse_measure("AP()@5") == AP(5)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("ndgc@10", "nDCG@10"),
        ("ndcg@10", "nDCG@10"),
        ("mrr@10", "RR@10"),
        ("map", "AP"),
        ("recall@100", "R@100"),
        ("recall", "R"),
        ("precision(rel=2)@5", "P(rel=2)@5"),
        ("capped_recall@100", "R_cap@100"),
        ("Hit_Rate@5", "Success@5"),
        ("judged@10", "Judged@10"),
    ],
)
def test_an_unknown_measure_names_the_nearest(text: str, suggestion: str) -> None:
    with pytest.raises(UnknownName, match="unknown measure") as caught:
        parse_measure(text)
    assert caught.value.suggestion == suggestion
    assert suggestion in str(caught.value)


UNREADABLE = ["", "@10", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@ten", "nDCG@1.5", "nDCG@True", "nDCG@'10'", "nDCG(@10", "AP(rel)", "AP(2)"]
UNREADABLE += [
    "AP(rel=0)",
    "AP(rel='x')",
    "AP(rel=rel)",
    "AP(**{})",
    "AP(rel=1+1)",
    "nDCG 10",
    "nDCG\0@10",
    "nDCG" * 1000,
    "(" * 300,
    "nDCG@10@5",
]
UNREADABLE += [
    "nDCG(gains={1:2.5})",
    "nDCG(gains=3)",
    "nDCG(judged_only=1)",
    "RBP(p=1)",
    "RBP(p=True)",
    "RBP(p='a')",
    "IPrec",
    "IPrec@2",
    "Compat(p=0.0)",
]
UNREADABLE += [
    "SetP(relative=1)",
    "SetF(beta=-1)",
    "BPM(max_rel=3)",
    "INST",
    "INST(max_rel=0)",
    "INST(max_rel=3,T=0)",
    "INSQ(min_rel=-1,max_rel=1)",
]
UNREADABLE += [
    "SDCG(max_rel=3)",
    "SDCG(max_rel=3,dcg='ln')@5",
    "NERR8(max_rel=3)",
    "ERR_IA",
    "alpha_nDCG(alpha=2)@5",
    "NRBP(beta=-1)",
    "R_cap",
    "Bpref@10",
]
UNREADABLE += [
    "AP@99999999999",
    "AP(rel=99999999999)",
    "INST(max_rel=99999999999)",
    "ERR_IA@2000000",
    "nDCG(gains={1:99999999999})",
    "INST(T=1e999)",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_measure(text)


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'rel'"):
        parse_measure("AP(relevant=2)@10")


@pytest.mark.parametrize(
    "text", ["Bpref(cut=3)", "Bpref(judged_only=True)", "nDCG(cut=10)", "Judged(rel=2)@10", "NumQ(rel=1)", "ERR(rel=2)@5"]
)
def test_a_parameter_that_a_measure_does_not_take(text: str) -> None:
    with pytest.raises(UnknownName, match="parameter of"):
        parse_measure(text)


def test_other_names_print_as_the_canonical_one() -> None:
    """ir_measures 0.4.3 knows the same aliases; each stands for the same measure there."""
    for alias, (name, fixed) in ALIASES.items():
        at = {"cut": "@5", "recall": "@0.5"}[MEASURES[name].AT] if "cut" in MEASURES[name].TAKES else ""
        assert parse_measure(alias + at) == parse_measure(name + (f"({fixed[0][0]}={fixed[0][1]})" if fixed else "") + at)


def test_every_spelling_of_ir_measures_is_read_and_printed_alike() -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
    values = {"rel": 2, "judged_only": True, "dcg": "exp-log2", "gains": {1: 0, 2: 5}, "p": 0.75, "T": 2.0, "min_rel": 1, "max_rel": 3}
    values |= {"normalize": False, "alpha": 0.25, "beta": 0.75, "relative": True}
    for name, kind in ir_measures.measures.registry.items():
        own = [key for key in kind.SUPPORTED_PARAMS if key != kind.AT_PARAM and not (name == "SDCG" and key == "dcg")]
        required = {key: values[key] for key in own if kind.SUPPORTED_PARAMS[key].required}
        at = {kind.AT_PARAM: 10 if kind.AT_PARAM == "cutoff" else 0.5} if kind.AT_PARAM in kind.SUPPORTED_PARAMS else {}
        for extra in [{}, *({key: values[key]} for key in own), {key: values[key] for key in own}]:
            theirs = kind(**{**required, **extra, **at})
            theirs.validate_params()
            ours = parse_measure(str(theirs))
            assert ir_measures.parse_measure(str(ours)).params == theirs.params, f"{theirs} became {ours}"
            assert str(ir_measures.parse_measure(str(ours))) == str(ours)


def test_every_measure_of_ours_is_read_by_ir_measures() -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
    assert set(MEASURES) - set(ir_measures.measures.registry) == {"R_cap"}
    for text, measure in SPELT.items():
        if not isinstance(measure, R_cap) and text not in ("nDCG(rel=2)@10", "R(rel=1)@1000"):
            theirs = ir_measures.parse_measure(text)
            theirs.validate_params()
            assert str(theirs) == text


NAMED = st.sampled_from([*MEASURES, *ALIASES, "x"])
PIECE = st.sampled_from(
    [*"(){}[],=@:.'- ", "rel", "p", "gains", "cut", "max_rel", "T", "0.5", "3", "True", "None", "1e9", "'log2'", "\0", "é"]
)


@settings(max_examples=300)
@given(st.text(max_size=20) | st.builds(lambda name, parts: name + "".join(parts), NAMED, st.lists(PIECE, max_size=10)))
def test_whatever_is_typed_is_a_measure_or_an_error_of_ours(text: str) -> None:
    try:
        measure = parse_measure(text)
    except (BadValue, UnknownName):
        return
    assert parse_measure(str(measure)) == measure


def test_parameters_are_those_of_ir_measures() -> None:
    """But for a binary nDCG, which it does not have."""
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
    for name, kind in MEASURES.items():
        if name != "R_cap":
            ours = {"cutoff" if parameter == "cut" else parameter for parameter in kind.parameters()}
            assert ours == set(ir_measures.measures.registry[name].SUPPORTED_PARAMS) | ({"rel"} if name == "nDCG" else set()), name
