import contextlib
import threading

from posekit.widgets.waiting import wait_for


def test_it_wakes_when_another_thread_has_heard_what_it_waits_for():
    heard, got = threading.Condition(), []

    def hear():
        for message in ("something", "else"):
            with heard:
                got.append(message)
                heard.notify_all()

    thread = threading.Thread(target=hear)
    thread.start()
    assert wait_for(lambda: "else" in got, 60, heard, same_thread=False)
    thread.join()


def test_it_gives_up_in_time():
    assert not wait_for(lambda: False, 0.01, threading.Condition(), same_thread=False)


def test_in_an_older_kernel_it_lets_the_messages_in(monkeypatch):
    got = []
    poll = contextlib.nullcontext(lambda count: got.append(count))
    monkeypatch.setattr("jupyter_ui_poll.ui_events", lambda: poll)
    assert wait_for(lambda: len(got) == 3, 60, threading.Condition(), same_thread=True)
    assert not wait_for(lambda: False, 0.01, threading.Condition(), same_thread=True)
