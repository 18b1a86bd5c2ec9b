"""The collections of BEIR: public archives with their published checksums, counts, licences and protocol.

Paper: N. Thakur, N. Reimers, A. Rücklé, A. Srivastava, I. Gurevych. BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of
Information Retrieval Models. NeurIPS Datasets and Benchmarks 2021. MD5 sums are those of BEIR's README; licences are notes after
the paper's appendix on them. Counts are those of the archives as ir_datasets lists them, and the paper's table 1 for the four private sets.

Differs: BEIR's own evaluator drops a hit whose id is the query's on every set; here only ArguAna and Quora do, whose corpora hold the
queries, since elsewhere equal ids are chance.
"""

from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry

_ARCHIVES = "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets/{}.zip"
_HUB = "https://huggingface.co/datasets/BeIR/{}/resolve/{}/{}"
_REVISIONS = ("refs%2Fpr%2F1", "main")
"""At the Hub: first what was there before it was made Parquet, then what is there now."""

_WANTED = ("corpus.jsonl", "queries.jsonl", "qrels/*.tsv", "*/corpus.jsonl", "*/queries.jsonl", "*/qrels/*.tsv")
_REPRODUCE = "https://github.com/beir-cellar/beir/tree/main/examples/dataset"

_BY_SA_3, _BY_SA_4, _BY_4 = "CC BY-SA 3.0", "CC BY-SA 4.0", "CC BY 4.0"
_UNSTATED = "none stated by its authors"

FORUMS = {
    "android": Counts(22_998, 699, 1_696),
    "english": Counts(40_221, 1_570, 3_765),
    "gaming": Counts(45_301, 1_595, 2_263),
    "gis": Counts(37_637, 885, 1_114),
    "mathematica": Counts(16_705, 804, 1_358),
    "physics": Counts(38_316, 1_039, 1_933),
    "programmers": Counts(32_176, 876, 1_675),
    "stats": Counts(42_269, 652, 913),
    "tex": Counts(68_184, 2_906, 5_154),
    "unix": Counts(47_382, 1_072, 1_693),
    "webmasters": Counts(17_405, 506, 1_395),
    "wordpress": Counts(48_605, 541, 744),
}
"""The 12 forums of CQADupStack, whose mean is its figure."""


def _at_the_hub(repository: str, file: str) -> tuple[str, ...]:
    return tuple(_HUB.format(repository, revision, file) for revision in _REVISIONS)


def _public(name: str, counts: tuple[int, int, int], md5: str, size: int, licence: str, protocol: Protocol | None = None) -> Entry:
    """A set with an archive. The Hub comes second: corpus, queries and the split one by one, without a published checksum."""
    protocol = protocol or Protocol()
    files = (
        Download("corpus.jsonl.gz", _at_the_hub(name, "corpus.jsonl.gz")),
        Download("queries.jsonl.gz", _at_the_hub(name, "queries.jsonl.gz")),
        Download(f"qrels/{protocol.split}.tsv", _at_the_hub(f"{name}-qrels", f"{protocol.split}.tsv")),
    )
    archive = (Download("", (_ARCHIVES.format(name),), md5, size),)
    folder = f"beir/{name}"
    return Entry(folder, folder, folder, "beir", protocol, Counts(*counts), licence, (archive, files), _WANTED, (name,))


def _private(name: str, documents: int, queries: int, licence: str) -> Entry:
    """A set that may not be passed on: it is read where someone has made it."""
    folder = f"beir/{name}"
    how = f"its licence does not allow a public copy; make it as {_REPRODUCE} says"
    return Entry(folder, folder, folder, "beir", Protocol(), Counts(documents, queries, 0), licence, aliases=(name,), how=how)


def _forum(forum: str) -> Entry:
    archive = Download("", (_ARCHIVES.format("cqadupstack"),), "4e41456d7df8ee7760a7f866133bda78", 5_343_728_040)
    unit, folder = "beir/cqadupstack", f"beir/cqadupstack/{forum}"
    aliases = (f"cqadupstack/{forum}",)
    return Entry(folder, folder, unit, "beir", Protocol(), FORUMS[forum], "Apache-2.0", ((archive,),), _WANTED, aliases)


def _touche_v1() -> Entry:
    """Touché 2020 with its first judgments; BEIR's archive has since held the second ones, and figures differ by more than 0.1."""
    archive = Download("", ("https://macavaney.us/beir-webis-touche2020-v1.zip",), "5ec7f8b18481fc2e9b3964ad1b22dd28", 227_137_373)
    folder = "beir/webis-touche2020-v1"
    return Entry(folder, folder, folder, "beir", Protocol(), Counts(382_545, 49, 2_962), _BY_4, ((archive,),), _WANTED)


_SELF = Protocol(remove_self_hits=True)

BEIR = (
    _public(
        "msmarco",
        (8_841_823, 6_980, 7_437),
        "444067daf65d982533ea17ebd59501e4",
        1_082_258_632,
        "MS MARCO terms: non-commercial research only",
        Protocol(split="dev"),
    ),
    _public("trec-covid", (171_332, 50, 66_336), "ce62140cb23feb9becf6270d0d1fe6d1", 73_876_720, "CORD-19 dataset licence agreement"),
    _public("nfcorpus", (3_633, 323, 12_334), "a89dba18a62ef92f7d323ec890a0d38d", 2_448_432, _UNSTATED),
    _private("bioasq", 14_914_602, 500, "archive under copyright; registration with BioASQ"),
    _public("nq", (2_681_468, 3_452, 4_201), "d4d3d2e48787a744b6f6e691ff534307", 498_307_926, _BY_SA_3),
    _public("hotpotqa", (5_233_329, 7_405, 14_810), "f412724f78b0d91183a0e86805e16114", 654_025_350, _BY_SA_4),
    _public("fiqa", (57_638, 648, 1_706), "17918ed23cd04fb15047f73e6c3bd9d9", 17_948_027, _UNSTATED),
    _private("signal1m", 2_866_316, 97, "from its publisher on request"),
    _private("trec-news", 594_977, 57, "archive under copyright; agreement with NIST"),
    _private("robust04", 528_155, 249, "archive under copyright; agreement with NIST"),
    _public("arguana", (8_674, 1_406, 1_406), "8ad3e3c2a5867cdced806d6503f29b99", 3_773_617, _BY_4, _SELF),
    _public("webis-touche2020", (382_545, 49, 2_214), "46f650ba5a527fc69e0a6521c5a23563", 227_132_363, _BY_4),
    _touche_v1(),
    *map(_forum, FORUMS),
    _public("quora", (522_931, 10_000, 15_675), "18fb154900ba42a600f84b839c173167", 15_853_968, _UNSTATED, _SELF),
    _public("dbpedia-entity", (4_635_922, 400, 43_515), "c2a39eb420a3164af735795df012ac2c", 639_285_131, _BY_SA_3),
    _public("scidocs", (25_657, 1_000, 29_928), "38121350fc3a4d2f48850f6aff52e4a9", 142_471_588, "GPL-3.0"),
    _public("fever", (5_416_568, 6_666, 7_937), "5a818580227bfb4b35bb6fa46d9b6c03", 1_236_988_269, _BY_SA_3),
    _public("climate-fever", (5_416_593, 1_535, 4_681), "8b66f0a9126c521bae2bde127b4dc99d", 1_228_666_652, _UNSTATED),
    _public("scifact", (5_183, 300, 339), "5f7d1de60b170fc8027bb7898e2efca1", 2_816_079, "CC BY-NC 2.0"),
)

GROUPS = {
    "beir/cqadupstack": tuple(f"beir/cqadupstack/{forum}" for forum in FORUMS),
    "beir-13": tuple(
        f"beir/{name}"
        for name in (
            *("trec-covid", "nfcorpus", "nq", "hotpotqa", "fiqa", "arguana", "webis-touche2020", "dbpedia-entity", "scidocs"),
            *("fever", "climate-fever", "scifact", "quora"),
        )
    ),
}
"""Names for several collections whose mean is reported. BEIR-13 are those of its public sets that most papers give."""
