import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.feedback.query_distillation import ORDER_STEPS, SCORE_STEPS, Steps, Vectors, towards_order, towards_scores
from irloom.feedback.weighted_ranknet import weighted_ranknet, weighted_ranknet_gradient


def case(seed: int, queries: int = 3, n: int = 12, dim: int = 8) -> tuple[Vectors, Vectors, Vectors]:
    rng = np.random.default_rng(seed)
    passages = rng.standard_normal((queries, n, dim))
    return (
        rng.standard_normal((queries, dim)),
        passages / np.linalg.norm(passages, axis=2, keepdims=True),
        3 * rng.standard_normal((queries, n)),
    )


def by_torch(query: NDArray[np.float64], passages: Vectors, steps: Steps, scale: float, teacher: Vectors | None) -> Vectors:
    """One query by torch's autograd and Adam as its page writes it: towards scores, or, without them, towards the order given."""
    torch = pytest.importorskip("torch")
    vector, rows, n = torch.tensor(query, requires_grad=True), torch.tensor(passages), len(passages)
    m, v = torch.zeros(len(query)), torch.zeros(len(query))
    for t in range(1, steps.updates + 1):
        scores = scale / 2 * rows @ vector
        if teacher is not None:
            aim = torch.log_softmax(torch.tensor(teacher), 0)
            loss = torch.nn.functional.kl_div(torch.log_softmax(scores, 0)[None], aim[None], reduction="batchmean", log_target=True)
        else:
            i, j = torch.triu_indices(n, n, offset=1)
            loss = (torch.nn.functional.softplus(scores[j] - scores[i]) / (i + j + 2)).mean()
        (slope,) = torch.autograd.grad(loss, vector)
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
        step = steps.learning_rate * (m / (1 - 0.9**t)) / (torch.sqrt(v / (1 - 0.999**t)) + 1e-8)
        vector = (vector - step).detach().requires_grad_()
    return vector.detach().numpy()


def test_towards_scores_equals_autograd() -> None:
    queries, passages, teacher = case(1)
    steps = Steps(SCORE_STEPS.learning_rate, 30)
    moved = towards_scores(queries, passages, teacher, steps)
    for row in range(3):
        own = passages[row] @ queries[row]
        scale = np.ptp(teacher[row]) / np.ptp(own)
        assert moved[row] == pytest.approx(by_torch(queries[row], passages[row], steps, scale, teacher[row]), abs=1e-9)


def test_towards_an_order_equals_autograd() -> None:
    queries, passages, _ = case(2)
    spread = np.array([0.5, 1.0, 7.0])
    moved = towards_order(queries, passages, spread)
    for row in range(3):
        scale = spread[row] / np.ptp(passages[row] @ queries[row])
        assert moved[row] == pytest.approx(by_torch(queries[row], passages[row], ORDER_STEPS, scale, None), abs=1e-9)


def test_what_stands_beside_a_query_does_not_matter() -> None:
    queries, passages, teacher = case(3, queries=9)
    scores, order = towards_scores(queries, passages, teacher), towards_order(queries, passages, np.ones(9))
    for row in range(9):
        one = slice(row, row + 1)
        assert np.array_equal(towards_scores(queries[one], passages[one], teacher[one])[0], scores[row])
        assert np.array_equal(towards_order(queries[one], passages[one], np.ones(1))[0], order[row])


def test_the_teacher_is_come_nearer() -> None:
    queries, passages, teacher = case(4, queries=20)

    def agreement(vectors: Vectors) -> float:
        own = np.einsum("qnd,qd->qn", passages, vectors)
        return float(np.mean([np.corrcoef(own[row], teacher[row])[0, 1] for row in range(20)]))

    assert agreement(towards_scores(queries, passages, teacher)) > agreement(queries) + 0.1
    in_order = np.take_along_axis(passages, np.argsort(-teacher, axis=1)[:, :, None], axis=1)
    for updates, gain in ((20, 0.01), (500, 0.2)):
        assert agreement(towards_order(queries, in_order, np.ones(20), Steps(0.001, updates))) > agreement(queries) + gain


def test_an_order_that_is_there_already_pulls_a_little_and_not_for_nothing() -> None:
    queries, passages, _ = case(7, queries=10)
    own = np.einsum("qnd,qd->qn", passages, queries)
    order = np.argsort(-own, axis=1)
    agreed, turned = (np.take_along_axis(passages, some[:, :, None], axis=1) for some in (order, order[:, ::-1]))
    small, great = (np.einsum("qnd,qd->qn", some, queries) for some in (agreed, turned))
    assert (weighted_ranknet(small) < weighted_ranknet(great)).all()
    pulls, strong = (np.abs(weighted_ranknet_gradient(scores)).sum(axis=1) for scores in (small, great))
    assert (pulls < strong).all()
    assert (pulls > 0).all()
    assert not np.array_equal(towards_order(queries, agreed, np.ones(10)), queries)


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_learn_leaves_the_vector(n: int) -> None:
    queries, passages, teacher = case(5, n=n)
    assert np.array_equal(towards_order(queries, passages, np.zeros(3)), queries)
    if n:
        assert np.array_equal(towards_scores(queries, passages, teacher), queries)


def test_equal_scores_leave_the_vector() -> None:
    queries, passages, teacher = case(6)
    same = np.repeat(passages[:, :1], 12, axis=1)
    for moved in (towards_scores(queries, same, teacher), towards_order(queries, same, np.ones(3))):
        assert np.array_equal(moved, queries)
    assert np.array_equal(towards_scores(queries, passages, np.ones((3, 12))), queries)
    assert np.array_equal(towards_order(queries, passages, np.zeros(3)), queries)
    assert np.array_equal(towards_order(queries, passages, np.ones(3), Steps(0.001, 0)), queries)
