from irloom.text.memo import Memo


def test_remembers_within_bounds() -> None:
    asked: list[str] = []

    def analyse(chunk: str) -> tuple[str, ...]:
        asked.append(chunk)
        return (chunk,)

    memo = Memo(analyse)
    assert memo["a"] == memo["a"] == ("a",)
    assert asked == ["a"]
    long = "x" * (Memo.LONGEST + 1)
    assert memo[long] == (long,)
    assert long not in memo
    for number in range(Memo.LIMIT):
        memo[str(number)]
    assert len(memo) == 1
