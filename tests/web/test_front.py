from posekit.frontend import assets
from posekit.web import front


def test_files_are_read_once(monkeypatch):
    first = front.modules("photo"), front.file("photo.js")
    monkeypatch.setattr(assets, "text", None)
    assert (front.modules("photo"), front.file("photo.js")) == first


def test_they_are_what_the_front_end_gives():
    assert list(front.modules("kiosk")) == assets.modules("kiosk")
    assert front.file("base.css")[0].decode() == assets.text("base.css")
    assert front.file("base.css")[1] != front.file("page.css")[1]


def test_pages_do_not_read_them_again(client, monkeypatch):
    before = [client.get(path).data for path in ("/", "/live", "/kiosk", "/front/loop.js")]
    monkeypatch.setattr(assets, "modules", None)
    monkeypatch.setattr(assets, "text", None)
    after = [client.get(path) for path in ("/", "/live", "/kiosk", "/front/loop.js")]
    assert [(each.status_code, each.data) for each in after] == [(200, each) for each in before]
