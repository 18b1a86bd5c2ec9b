"""NanoBEIR: 13 of BEIR's collections cut to 50 queries and some thousand documents, in Parquet.

MD5 sums and counts are those that ir_datasets checks. Differs: nothing is removed from a ranking, as its evaluator in
sentence-transformers has it, although NanoArguAna and NanoQuoraRetrieval hold their queries.
"""

from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry

_HUB = "https://huggingface.co/datasets/zeta-alpha-ai/{}/resolve/main/{}/train-00000-of-00001.parquet"


def _nano(name: str, repository: str, counts: tuple[int, int, int], corpus: str, queries: str, qrels: str) -> Entry:
    """A set whose last three arguments are MD5 sums."""
    files = tuple(
        Download(f"{part}/train-00000-of-00001.parquet", (_HUB.format(repository, part),), md5)
        for part, md5 in (("corpus", corpus), ("queries", queries), ("qrels", qrels))
    )
    folder = f"nanobeir/{name}"
    protocol, aliases = Protocol(split="train"), (repository,)
    return Entry(folder, folder, folder, "parquet", protocol, Counts(*counts), "CC BY 4.0", (files,), aliases=aliases)


NANO = (
    _nano(
        "arguana",
        "NanoArguAna",
        (3_635, 50, 50),
        "ee563dc09a91032b494f469b6c807a9c",
        "5ad0a26fad750dc74eae00ab753731b8",
        "5fab96653b0455879606e82071ef4b21",
    ),
    _nano(
        "climate-fever",
        "NanoClimateFEVER",
        (3_408, 50, 148),
        "97a57296bbb7e48ffc8b763c4b2a188b",
        "0f4d43544ae8755e0557f89be3ae7e74",
        "3042ccd6054266951ac1338c57a2bb85",
    ),
    _nano(
        "dbpedia-entity",
        "NanoDBPedia",
        (6_045, 50, 1_158),
        "cee2bc11f2b84fe636b5f219246221e0",
        "ec7d771ba38310699a5b323aa693febe",
        "8a9fa7e95c276d810ddbb53b8054801d",
    ),
    _nano(
        "fever",
        "NanoFEVER",
        (4_996, 50, 57),
        "0b052fca4b4c975088bc2f01d7f2b749",
        "43122d82b3df866afad1f37a28e6ba60",
        "a25763bbae313d39668c37dbadb70cd3",
    ),
    _nano(
        "fiqa",
        "NanoFiQA2018",
        (4_598, 50, 123),
        "873e5dcf7920fc8c0ff210cf06907607",
        "8b25da8b2d2e40a483d7a782a048a950",
        "f22d89ef6658379498bc92e92cf92d26",
    ),
    _nano(
        "hotpotqa",
        "NanoHotpotQA",
        (5_090, 50, 100),
        "da3d14375223d0e5dad172acdbb1c332",
        "c1f13d4ed9f88a89285e39d9e13f5c38",
        "3ed8424185156af1fe4c55aac84bce92",
    ),
    _nano(
        "msmarco",
        "NanoMSMARCO",
        (5_043, 50, 50),
        "15ab2a1d3674e562d088e64dc5781373",
        "9ab46c94f88bfed1e338dc0887568f03",
        "c72caacf4bc04efa8af6b2ac2944ea92",
    ),
    _nano(
        "nfcorpus",
        "NanoNFCorpus",
        (2_953, 50, 2_518),
        "deb02538a3b030843a8ccca212dc6a3c",
        "6578fc992124bb997e32bd1192c1b475",
        "402762544651e0fc6df10cd76e2cbfae",
    ),
    _nano(
        "nq",
        "NanoNQ",
        (5_035, 50, 57),
        "aaf73189d2b8d0de039dc2619d7a29ef",
        "87de29b17a669fc61d1f192bd5099887",
        "fc2b183187c4f99e0939b55dc11b1908",
    ),
    _nano(
        "quora",
        "NanoQuoraRetrieval",
        (5_046, 50, 70),
        "a8cd6d41cbeb6bda2a3ed90526de4521",
        "590ed67697e12f21fafe436c07e6f772",
        "650ca21cef9a73b83e3845c93e3a230a",
    ),
    _nano(
        "scidocs",
        "NanoSCIDOCS",
        (2_210, 50, 244),
        "60f9f2a7206f0e8a0fc185df2b7ab00b",
        "940e2220bc9667138774a36f6c771c97",
        "e21c1514761b06ac6bba5a8f958d8803",
    ),
    _nano(
        "scifact",
        "NanoSciFact",
        (2_919, 50, 56),
        "9f82bfc70f9b7d7f0275fb6b8ee38876",
        "0218d8ad9c0bd8671002f16edb497ff3",
        "1155d79cf3854fa43c72c8458f34f744",
    ),
    _nano(
        "webis-touche2020",
        "NanoTouche2020",
        (5_745, 49, 932),
        "fdea27196d1234ab4aa2c49c9a849840",
        "0ba668cdae413f411644871f544a9d1b",
        "4b3de9c60d59be85ae4483e1210caff9",
    ),
)

GROUPS = {"nanobeir": tuple(entry.name for entry in NANO)}
"""All of it: its figure is their mean."""
