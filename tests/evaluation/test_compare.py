import numpy as np
import pytest

import posekit

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


@pytest.fixture
def compare(folder):
    return lambda models, **more: posekit.compare(folder / "people.json", folder / "images", models, progress=False, **more)


@pytest.fixture
def compared(compare, oracle):
    return compare({"exact": oracle(0), "rough": oracle(3), "lightning": "lightning"})


@pytest.mark.slow
def test_each_model_scores_as_it_does_alone(compared, oracle, lightning, evaluate):
    assert compared.evaluations["exact"].ap == pytest.approx(1)
    assert compared.evaluations["lightning"].figures == evaluate(lightning).figures
    assert all(len(times) == 8 and min(times) > 0 for times in compared.milliseconds.values())


@pytest.mark.slow
def test_the_table_has_accuracy_time_and_size(compared):
    table = compared.table
    assert list(table.index) == ["exact", "rough", "lightning"]
    assert (table["low"] <= table["ap"]).all()
    assert (table["ap"] <= table["high"]).all()
    assert table.loc["lightning", "megabytes"] == pytest.approx(4.8, abs=0.1)
    assert np.isnan(table.loc["exact", "megabytes"])
    assert (table["first"] > 0).all()
    assert "exact: AP 1.000" in repr(compared)
    assert "<table" in compared._repr_html_()


def test_models_take_turns_and_another_one_begins_each_time(compare, folder):
    turns = []

    def model(name):
        return lambda image: turns.append(name) or []

    compare({name: model(name) for name in "abc"})
    assert turns[:6] == ["a", "a", "b", "b", "c", "c"], "the first call of each is apart"
    assert "".join(turns[6:15]) == "bcacababc"


@pytest.mark.slow
def test_the_plot_joins_those_that_none_beats(compared):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    figure, ax = compared.plot(ax=Figure().subplots())
    assert ax.get_figure() is figure
    assert {text.get_text() for text in ax.get_legend().get_texts()} >= {"exact", "rough", "lightning"}
    assert "exact" in compared.pareto()
    assert "lightning" not in compared.pareto() or compared.evaluations["lightning"].ap == 1


def test_broken_pictures_are_reported(content, folder, oracle, tmp_path):
    for image in content["images"][1:]:
        (tmp_path / image["file_name"]).write_bytes((folder / "images" / image["file_name"]).read_bytes())
    found = posekit.compare(content, tmp_path, [oracle(0)], progress=False)
    assert list(found.evaluations["model"].broken) == ["10.png"]


def test_two_models_of_one_name_need_names(compare, oracle):
    for models in ([oracle(0), oracle(1)], []):
        with pytest.raises(posekit.PosekitError, match="different names"):
            compare(models)
