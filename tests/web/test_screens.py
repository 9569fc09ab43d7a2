import pytest
from serving import running


@pytest.fixture(scope="module")
def app():
    with running(access_code="sesame") as app:
        yield app


@pytest.fixture
def client(app):
    client = app.test_client()
    client.post("/access", data={"code": "sesame"})
    return client


def test_the_projector_shows_the_address_for_others(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "POSEKIT_ADDRESS", "http://192.168.1.5:8000/")
    page = client.get("/projector").text
    assert "<dd>http://192.168.1.5:8000/</dd>" in page
    assert ">sesame</dd>" in page
    assert "Only this computer" not in page
    assert client.get("/projector/qr.svg").mimetype == "image/svg+xml"
    assert "/projector" in client.get("/").text


def test_on_one_computer_alone_no_page_leads_to_the_projector(client):
    assert "/projector" not in client.get("/").text
    page = client.get("/projector").text
    assert "<dd>http://localhost/</dd>" in page
    assert "Only this computer itself can reach this address" in page


def test_the_kiosk_takes_the_model_for_several_people_and_no_uploads(client):
    page = client.get("/kiosk").text
    assert "multipose" in page
    assert "<form" not in page
    assert "<input" not in page
