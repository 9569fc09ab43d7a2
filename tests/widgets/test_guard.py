import pytest
import traitlets

import posekit
from posekit.widgets.guard import call_listeners, guarded, in_words, refuse_unknown


def test_errors_of_callbacks_go_into_the_trait():
    class Widget:
        error = ""

        @guarded
        def divide(self, by):
            self.result = 6 / by

    widget = Widget()
    widget.divide(2)
    assert (widget.result, widget.error) == (3, "")
    widget.divide(0)
    assert widget.error == "ZeroDivisionError: division by zero"


def test_posekits_own_errors_speak_for_themselves():
    assert in_words(posekit.ImageError("it is damaged")) == "it is damaged"


def test_listeners_do_not_starve_each_other(waving):
    got, listeners = [], []

    def first(poses):
        listeners.remove(first)  # as one that waits for a single pose
        raise LookupError("no such thing")

    listeners += [first, got.append, lambda poses: 1 / 0, got.append]
    assert call_listeners(listeners, waving) == (
        "on_pose(first) raised LookupError: no such thing; on_pose(<lambda>) raised ZeroDivisionError: division by zero"
    )
    assert got == [waving] * 2
    assert call_listeners([got.append], waving) == ""


def test_a_misspelt_option_names_the_nearest():
    class Widget(traitlets.HasTraits):
        threshold = traitlets.Float().tag(sync=True)
        _private = traitlets.Float().tag(sync=True)

    refuse_unknown(Widget, {"threshold": 1})
    for name in ("treshold", "_private"):
        with pytest.raises(TypeError, match=rf"Widget has no option '{name}'.*threshold"):
            refuse_unknown(Widget, {name: 1})
