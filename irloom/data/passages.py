"""MS MARCO passages with its dev set and the two years of TREC DL, and T2Ranking: tables of tabs as their publishers have them.

Paper: P. Bajaj et al. MS MARCO: A Human Generated MAchine Reading COmprehension Dataset. 2016. N. Craswell et al. Overview of the TREC
2019 (2020) Deep Learning Track. X. Xie et al. T2Ranking: A Large-scale Chinese Benchmark for Passage Ranking. SIGIR 2023.
MD5 sums of MS MARCO are those that ir_datasets checks; T2Ranking publishes none.
"""

from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry

_MSMARCO = "https://msmarco.z22.web.core.windows.net/msmarcoranking/"
_TREC = "https://trec.nist.gov/data/deep/"
_SECOND = "https://mirror.ir-datasets.com/"
_TERMS = "MS MARCO terms: non-commercial research only"
_T2 = "https://huggingface.co/datasets/THUIR/T2Ranking/resolve/main/data/"

_PASSAGES = 8_841_823
_COLLECTION = Download("", (_MSMARCO + "collectionandqueries.tar.gz",), "31644046b18952c1386cd4564ba2ae69", 1_057_717_952)


def _deep(year: int, queries_md5: str, qrels_md5: str) -> tuple[Download, Download]:
    queries, qrels = f"msmarco-test{year}-queries.tsv.gz", f"{year}qrels-pass.txt"
    return Download(queries, (_MSMARCO + queries,), queries_md5), Download(qrels, (_TREC + qrels, _SECOND + qrels_md5), qrels_md5)


_SOURCE = (
    _COLLECTION,
    *_deep(2019, "eda71eccbe4d251af83150abe065368c", "2f4be390198da108f6845c822e5ada14"),
    *_deep(2020, "00a406fb0d14ed3752d70d1e4eb98600", "0355ccee7509ac0463e8278186cdd8d1"),
)
_T2_SOURCE = tuple(
    Download(name, (_T2 + name,), size=size)
    for name, size in (
        ("collection.tsv", 3_660_000_000),
        ("queries.dev.tsv", 940_000),
        ("qrels.retrieval.dev.tsv", 1_470_000),
        ("qrels.dev.tsv", 6_540_000),
    )
)


def _msmarco(name: str, protocol: Protocol, queries: int, judgments: int) -> Entry:
    folder, counts = "msmarco-passage", Counts(_PASSAGES, queries, judgments)
    wanted = ("collection.tsv", "queries.dev.small.tsv", "qrels.dev.small.tsv")
    return Entry(f"{folder}/{name}", folder, folder, "tsv", protocol, counts, _TERMS, (_SOURCE,), wanted, ("msmarco",))


def _t2ranking(name: str, protocol: Protocol, queries: int, judgments: int) -> Entry:
    folder, counts = "t2ranking", Counts(2_303_643, queries, judgments)
    return Entry(f"{folder}/{name}", folder, folder, "tsv", protocol, counts, "Apache-2.0", (_T2_SOURCE,), aliases=("T2Ranking/data",))


PASSAGES = (
    _msmarco("dev", Protocol(split="dev.small"), 6_980, 7_437),
    _msmarco("trec-dl-2019", Protocol(split="trec-dl-2019", min_grade=2), 43, 9_260),
    _msmarco("trec-dl-2020", Protocol(split="trec-dl-2020", min_grade=2), 54, 11_386),
    _t2ranking("dev", Protocol(split="retrieval.dev"), 24_831, 118_933),
    _t2ranking("dev-graded", Protocol(split="dev", min_grade=2), 0, 400_536),
)
"""`dev` is the small one of MS MARCO, on which its figures are. T2Ranking's retrieval judgments are the pairs of grade 2 and 3;
one of its 24,832 dev queries has none."""
