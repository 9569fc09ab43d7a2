import pytest

from posekit.cli import main


@pytest.mark.parametrize("score", ["1.01", "-0.1", "nan", "much"])
def test_a_threshold_is_a_number_from_0_to_1(score, capsys):
    with pytest.raises(SystemExit):
        main(["image", "photo.jpg", f"--threshold={score}"])
    assert "--threshold" in capsys.readouterr().err
