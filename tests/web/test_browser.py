import pytest
from serving import running


@pytest.fixture(scope="module")
def client():
    with running() as app:
        yield app.test_client()


@pytest.mark.slow
def test_a_browser_gets_what_it_needs_to_run_a_model_itself(client):
    about = client.get("/browser/lightning.json").get_json()
    answer = client.get(f"/browser/{about['files']['check']['sha256']}")
    assert len(answer.data) == about["files"]["check"]["bytes"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/browser/multipose.json").get_json()["files"].keys() == about["files"].keys()
    refused = client.get("/browser/crowd.json")
    assert refused.status_code == 404
    assert refused.get_json() == {"error": "crowd cannot run in the browser; lightning, thunder and multipose can."}
    assert client.get("/browser/" + "0" * 64).get_json() == {"error": "There is no such page here."}
