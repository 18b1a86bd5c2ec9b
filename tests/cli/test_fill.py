"""`irloom fill`: bad input; the rest is tested with `irloom judge --holes`."""


def test_labels_without_a_log_are_refused(irloom, animals, tmp_path) -> None:
    (tmp_path / "labels.qrels").write_text("q1 0 d9 1\n")
    done = irloom("fill", animals, tmp_path / "labels.qrels", "--output", tmp_path / "filled.qrels")
    assert done.code == 2
    assert "irloom judge --model" in done.err
    assert not (tmp_path / "filled.qrels").exists()
    assert irloom("fill", "nowhere", tmp_path / "labels.qrels", "--output", tmp_path / "filled.qrels").code == 2
