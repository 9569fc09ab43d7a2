"""How tasks are made. That they are done, even if workers die, is tested with real workers in test_run."""

from posekit.parallel.schedule import BUNDLE, tasks_of
from posekit.parallel.sources import Source


def test_clips_come_one_by_one_and_pictures_in_bundles():
    clips = [Source(f"{size}.mp4", size, "") for size in (30, 20, 10)]
    pictures = [Source(f"{i}.jpg", 1, "") for i in range(2 * BUNDLE + 1)]
    tasks = list(tasks_of([*clips, *pictures]))
    assert [[source.bytes for source in task] for task in tasks[:3]] == [[30], [20], [10]]
    assert [len(task) for task in tasks[3:]] == [BUNDLE, BUNDLE, 1]
    assert [source for task in tasks[3:] for source in task] == pictures
