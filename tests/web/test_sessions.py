import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from serving import encoded
from web.waiting import eventually

import posekit
from posekit.track.live import LiveTracker
from posekit.web import sessions as module
from posekit.web.limits import BusyError
from posekit.web.sessions import Sessions

KEY, OTHER = "0" * 32, "f" * 32
HERE, THERE = "192.0.2.1", "192.0.2.2"  # visitors


@pytest.fixture
def sessions(clock):
    return Sessions(("lightning", "thunder"), count=1, clock=clock)


@pytest.fixture(scope="module")
def squats():
    return list(posekit.read_video(posekit.sample("squats")))[:12]


def live_request(frame, seq, region=None, *, side=192, **more):
    """A frame as the browser cuts it, and its request."""
    size = frame.shape[1], frame.shape[0]
    where = posekit.Region(*region) if region else posekit.Region.whole(size)
    square, _, _ = where.cut(frame, side)
    asked = {"session": KEY, "seq": seq, "region": [where.x, where.y, where.side], "size": size, "time": seq / 30, "side": side}
    return encoded(square, quality=90), asked | {"model": "lightning", "smooth": True} | more


@pytest.mark.slow
def test_a_session_follows_a_person_as_live_does(sessions, squats):
    alone, region, expected = LiveTracker(posekit.load_model("lightning", threads=1)), None, None
    for seq, frame in enumerate(squats, 1):
        jpeg, asked = live_request(frame, seq, region)
        answer = sessions.handle(jpeg, asked, HERE)
        _, expected = alone.handle(jpeg, asked)
        assert answer | {"ms": 0} == expected | {"ms": 0}
        region = answer["region"]
    assert answer["ids"] == [1]
    truth = np.array(posekit.ground_truth("squats")["people"][0]["xy"][11])
    assert np.linalg.norm(np.array(answer["people"][0])[:, :2] - truth, axis=1).mean() < 15


def follow(sessions, frames, visitor=HERE, **more):
    """The answers to some frames, each cut where the one before asked for it."""
    answers = [{"region": None}]
    for seq, frame in enumerate(frames, 1):
        answers.append(sessions.handle(*live_request(frame, seq, answers[-1]["region"], **more), visitor))
    return answers[1:]


@pytest.mark.slow
def test_repetitions_are_counted_where_the_page_asks_for_it(sessions):
    frames = list(posekit.read_video(posekit.sample("squats")))[::4]
    answers, region = [], None
    for seq, frame in enumerate(frames, 1):
        more = {"time": seq * 4 / 30, "exercise": "squat", "round": 0}
        answers.append(sessions.handle(*live_request(frame, seq, region, **more), HERE))
        region = answers[-1]["region"]
    assert answers[-1]["movement"]["count"] == 4
    request = live_request(frame, seq + 1, region, exercise="squat", round=1)
    assert sessions.handle(*request, HERE)["movement"]["count"] == 0
    with pytest.raises(posekit.PosekitError, match="did you mean 'squat'"):
        sessions.handle(*live_request(frame, seq + 2, region, exercise="sqat"), HERE)
    for wrong in ({"exercise": 3}, {"exercise": "squat", "round": []}):
        with pytest.raises(posekit.PosekitError, match="exercise is a name"):
            sessions.handle(*live_request(frame, seq + 3, region, **wrong), HERE)


def test_two_visitors_do_not_see_each_other(sessions, squats):
    for frame in squats[:1]:
        sessions.handle(*live_request(np.zeros_like(frame), 1, session=OTHER), HERE)
    assert len(follow(sessions, squats[:6])[-1]["people"]) == 1
    assert not follow(sessions, [np.zeros_like(squats[0])] * 6, session="a" * 32)[-1]["people"]
    assert len(sessions) == 3


def test_a_frame_that_was_overtaken_gets_the_newer_answer_and_nobody_is_forgotten(sessions, squats):
    newest = follow(sessions, squats[:6])[-1]
    assert newest["people"]
    assert sessions.handle(*live_request(squats[2], 3), HERE) == newest
    assert sessions.handle(*live_request(squats[6], 7, newest["region"]), HERE)["ids"] == newest["ids"] == [1]


def test_a_visitor_may_choose_another_model(sessions, squats):
    assert sessions.handle(*live_request(squats[0], 1), HERE)["side"] == 192
    # What was cut for the one before is no mistake: the browser does not know yet.
    answer = sessions.handle(*live_request(squats[1], 2, model="thunder"), HERE)
    assert (answer["people"], answer["region"], answer["side"]) == ([], None, 256)
    assert sessions.handle(*live_request(squats[1], 3, model="thunder", side=256), HERE)["region"]
    with pytest.raises(posekit.PosekitError, match="no model 'crowd' here"):
        sessions.handle(*live_request(squats[1], 4, model="crowd"), HERE)


@pytest.mark.slow
def test_a_model_that_nobody_uses_is_dropped_and_loaded_again_when_somebody_does(sessions, squats, clock):
    with sessions.pool("thunder").checkout():
        clock.now += module.MODEL_LIFETIME + 1
        sessions.drop_idle()
        assert "thunder" in sessions._pools  # in use
    assert sessions.handle(*live_request(squats[0], 1, model="thunder", side=256), HERE)["side"] == 256
    clock.now += module.MODEL_LIFETIME - 1
    sessions.drop_idle()
    assert "thunder" in sessions._pools  # used just now
    loaded = weakref.ref(sessions.pool("thunder"))
    with sessions.pool("thunder").checkout() as model:
        used = weakref.ref(model)
    del model
    clock.now += module.MODEL_LIFETIME + 1
    sessions.drop_idle()
    gc.collect()
    assert list(sessions._pools) == ["lightning"]
    assert loaded() is used() is None
    assert sessions.handle(*live_request(squats[1], 2, model="thunder", side=256), HERE)["side"] == 256


@pytest.mark.slow
def test_waiting_for_another_model_keeps_nobody_from_the_default(squats, monkeypatch):
    monkeypatch.setattr(module, "MAX_OTHER_FRAMES", 2)
    sessions = Sessions(("lightning", "thunder"), count=1)
    slow = live_request(squats[0], 1, model="thunder", side=256)
    with ThreadPoolExecutor(2) as others, sessions.pool("thunder").checkout():
        waiting = [others.submit(sessions.handle, slow[0], slow[1] | {"session": key}, HERE) for key in ("a" * 32, "b" * 32)]
        assert eventually(lambda: len(sessions._other_frames) == 2)
        with pytest.raises(BusyError):
            sessions.handle(slow[0], slow[1] | {"session": "c" * 32}, THERE)
        assert sessions.handle(*live_request(squats[0], 1), THERE)["region"]
    assert all(each.result(60)["region"] for each in waiting)


@pytest.mark.slow
def test_sessions_are_few_and_short(sessions, squats, clock, monkeypatch):
    monkeypatch.setattr(module, "MAX_SESSIONS", 2)
    for key in (KEY, OTHER):
        sessions.handle(*live_request(squats[0], 1, session=key), HERE)
    with pytest.raises(BusyError, match="try again later"):
        sessions.handle(*live_request(squats[0], 1, session="a" * 32), HERE)
    clock.now += 4
    sessions.handle(*live_request(squats[0], 2), HERE)
    clock.now += 2  # the other one is silent for 6 seconds
    sessions.handle(*live_request(squats[0], 1, session="a" * 32), HERE)
    assert len(sessions) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"session": "../x"},
        {"session": KEY + "0"},
        {"session": None},
        {"seq": 0},
        {"seq": "1"},
        {"seq": True},
        {"seq": 2**60},
        {"smooth": 1},
        {"model": None},
        {"model": ["lightning"]},
        {"model": "/etc/passwd"},
        {"region": None},
        {"region": [1, 2]},
        {"size": [0, 0]},
        {"size": [1e30, 1]},
        {"time": "x"},
        {"time": float("nan")},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(sessions, squats, wrong):
    jpeg, asked = live_request(squats[0], 1)
    with pytest.raises(posekit.PosekitError):
        sessions.handle(jpeg, asked | wrong, HERE)
    assert sessions.handle(jpeg, asked | {"seq": 2}, HERE)["side"] == 192


@pytest.mark.parametrize("asked", [None, [], "x", 1, {}])
def test_a_request_is_an_object(sessions, asked):
    with pytest.raises(posekit.PosekitError):
        sessions.handle(b"", asked, HERE)


@pytest.mark.slow
@pytest.mark.parametrize(
    "jpeg", [b"", b"x" * 100, encoded(np.zeros((192, 192, 3), np.uint8), "PNG"), encoded(np.zeros((9, 9, 3), np.uint8))]
)
def test_a_frame_that_is_not_a_jpeg_of_the_right_size_is_refused(sessions, squats, jpeg):
    with pytest.raises(posekit.ImageError):
        sessions.handle(jpeg, live_request(squats[0], 1)[1], HERE)


def test_bad_frames_keep_nobody_out(sessions, squats, monkeypatch):
    monkeypatch.setattr(module, "MAX_SESSIONS", 2)
    for number in range(20):
        jpeg, asked = live_request(squats[0], 1, session=f"{number:032x}")
        for wrong in ((b"no JPEG", asked), (jpeg, asked | {"region": None})):
            with pytest.raises(posekit.PosekitError):
                sessions.handle(*wrong, HERE)
    assert len(sessions) == 0
    assert sessions.handle(*live_request(squats[0], 1), THERE)["side"] == 192


def test_bad_frames_do_not_keep_a_session_alive(sessions, squats, clock):
    sessions.handle(*live_request(squats[0], 1), HERE)
    for seq in range(2, 9):
        clock.now += 1
        with pytest.raises(posekit.ImageError):
            sessions.handle(b"no JPEG", live_request(squats[0], seq)[1], HERE)
    sessions.handle(*live_request(squats[0], 1, session=OTHER), HERE)
    assert len(sessions) == 1


def test_one_visitor_does_not_get_all_sessions(sessions, squats, monkeypatch):
    monkeypatch.setattr(module, "MAX_VISITOR_SESSIONS", 2)
    for key in (KEY, OTHER):
        sessions.handle(*live_request(squats[0], 1, session=key), HERE)
    with pytest.raises(BusyError):
        sessions.handle(*live_request(squats[0], 1, session="a" * 32), HERE)
    assert sessions.handle(*live_request(squats[0], 1, session="a" * 32), THERE)["side"] == 192


@pytest.mark.slow
def test_a_slow_model_does_not_keep_a_fast_one_waiting(sessions, squats):
    with ThreadPoolExecutor(1) as other, sessions.pool("thunder").checkout():  # somebody's frame, which takes for ever
        waiting = other.submit(sessions.handle, *live_request(squats[0], 1, model="thunder", side=256), HERE)
        assert follow(sessions, squats[:6], session=OTHER, visitor=THERE)[-1]["people"]
        assert not waiting.done()
    assert waiting.result(60)["side"] == 256


@pytest.mark.slow
def test_one_session_does_not_take_every_thread(sessions, squats):
    with ThreadPoolExecutor(module.MAX_SESSION_FRAMES) as visitors, sessions.pool("lightning").checkout():
        asked = [
            visitors.submit(sessions.handle, *live_request(squats[0], seq), HERE) for seq in range(1, 1 + module.MAX_SESSION_FRAMES)
        ]
        assert eventually(lambda: len(sessions._frames) == module.MAX_SESSION_FRAMES)
        with pytest.raises(BusyError):
            sessions.handle(*live_request(squats[0], 99), HERE)
    assert all(each.result(60)["side"] == 192 for each in asked)
