from irloom.core.stage import Retriever
from irloom.fusion.component import component_names
from irloom.fusion.rrf import RRF


def test_classes_that_occur_twice_are_numbered(retrievers: list[Retriever]) -> None:
    assert component_names([*retrievers, RRF(retrievers)]) == ["fixed_1", "fixed_2", "rrf"]
