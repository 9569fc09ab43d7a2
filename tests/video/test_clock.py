import pytest

from posekit.video.clock import SLACK, SLACK_IN_STREAMS, Clock, Stamps, follow


def run(file_times, start=0.0, slack=SLACK):
    notes = []
    clock = Clock(start, 0.04, slack, notes.append)
    return [clock(time) for time in file_times], notes, clock.offsets


@pytest.mark.parametrize(
    ("file_times", "start", "expected"),
    [
        ([10.0, 10.04, 10.08], 10.0, [0, 0.04, 0.08]),
        ([10.1, 10.14], 10.0, [0.1, 0.14]),  # the sound starts before the picture
        ([7.0, 7.04], None, [0, 0.04]),
        ([None, None, None], 0.0, [0, 0.04, 0.08]),
        ([0.0, 0.0, 0.0], 0.0, [0, 0.04, 0.08]),  # they stand still
        ([-0.02, 0.02], 0.0, [0, 0.02 + 0.0]),
        ([0.0, 0.04, 0.30, 0.12, 0.34], 0.0, [0, 0.04, 0.30, 0.301, 0.34]),  # one slips
        ([0.0, 300.0], 0.0, [0, 300.0]),  # a long still
    ],
)
def test_times_start_at_0_and_go_forwards(file_times, start, expected):
    times, notes, _ = run(file_times, start)
    assert times == pytest.approx(expected)
    assert notes == []


@pytest.mark.parametrize(
    ("file_times", "slack", "words"),
    [
        ([0.0, 0.04, 0.0, 0.04], SLACK_IN_STREAMS, None),
        ([0.0, 0.04, 20.0, 20.04], SLACK_IN_STREAMS, "a gap of 20 s after 2 frames is bridged"),
        ([0.0, 0.04, 5400.0, 5400.04], SLACK, "a gap of 1.5 hours after 2 frames is bridged"),
        ([5.0, 5.04, 0.0, 0.04], SLACK, "its times start again after 2 frames; the rest follows on"),
    ],
)
def test_jumps_are_bridged_and_told(file_times, slack, words):
    times, notes, offsets = run(file_times, file_times[0], slack)
    if words is None:  # a step back of 0.04 s is a slip
        assert len(offsets) == 1
        return
    assert times == pytest.approx([0, 0.04, 0.08, 0.12])
    assert notes == [words]
    assert len(offsets) == 2


@pytest.mark.parametrize(
    ("file_times", "sentences"),
    [
        ([0.0, 0.0, 0.04], ["1 frame has the same time as the previous one"]),
        ([0.0, 0.0, 0.0], ["2 frames have the same time as the previous one"]),
        ([0.0, 0.3, 0.1], ["1 frame has an earlier time than the previous one"]),
        ([0.0, 0.3, 0.1, 0.1, 0.2], ["1 frame has the same time", "2 frames have earlier times"]),
        ([0.0, 0.04, 0.039, 0.08], []),  # rounded
    ],
)
def test_times_that_are_not_the_file_s_are_reported(file_times, sentences):
    clock = Clock(0.0, 0.04, SLACK, lambda _: None)
    times = [clock(time) for time in file_times]
    assert times == sorted(set(times))
    assert [note.startswith(sentence) for note, sentence in zip(clock.notes(), sentences, strict=True)] == [True] * len(sentences)


def test_sound_follows_the_jumps_of_the_picture():
    offsets = [0.0, 2.0, 4.0]  # three recordings of two seconds, each from 0 on
    assert follow(offsets, 1.0, 0.98, 0) == 0
    assert follow(offsets, 0.0, 2.01, 0) == 1
    assert follow(offsets, 0.02, 2.03, 1) == 1
    assert follow(offsets, 0.0, 4.0, 1) == 2
    assert follow(offsets, 0.0, None, 0) == 0


def test_where_times_of_showing_go_back_those_of_decoding_are_taken():
    def stamped(*stamps, ordered=True):
        return list(map(Stamps(ordered=ordered), *zip(*stamps, strict=True)))

    assert stamped((0, 0), (4, 2), (6, 4), (2, 6), (8, None), (7, None)) == [0, 4, 6, 6, 8, 7]
    assert stamped((1, 2), (4, 3), (3, 4), (6, None), ordered=False) == [2, 3, 4, None]
    assert stamped((5, 3), (7, 5), (0, -2), (2, 0)) == [5, 7, 0, 2], "another recording begins"
    assert stamped((None, 3)) == [3]
