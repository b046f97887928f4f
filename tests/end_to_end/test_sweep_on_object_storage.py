"""The quickstart, smaller, with its cells on object storage: the same cells as on a disk, whatever is killed."""

import json
import os
import time

import pytest
from cells import assert_same_bits
from processes import TINY_QUICKSTART
from recorded import assert_recorded_once
from without_ray import start_without_ray

from orchestrator.results import ResultTable


@pytest.mark.timeout(900)
def test_a_killed_sweep_on_object_storage_goes_on_and_ends_with_the_same_cells_as_on_a_disk(
    s3, bucket, tmp_path, seedwise, here, undisturbed_home
):
    home, url = tmp_path / "home", f"{bucket}/ours"
    process = start_without_ray(home, "", "--store", url)
    while not any(request.startswith("PUT") and "/history/" in request for request in s3.requests):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.kill()
    process.communicate()

    done = seedwise(*TINY_QUICKSTART, home=home)  # where the cells are, the home remembers
    assert done.stderr == ""
    assert "4 of 4 cells finished" in done.stdout
    assert not (home / "cells").exists()
    mine = ResultTable.open("quickstart", home)
    assert mine.cells.store.url == url
    assert_same_bits(mine, ResultTable.open("quickstart", undisturbed_home))
    assert_recorded_once(home, "quickstart", epochs=2)

    with s3.watched() as seen:
        again = here(*TINY_QUICKSTART, home=home)
    assert "4 before, 0 in" in again.stdout
    assert "there is nothing to do" in again.stdout
    assert {request.split()[0] for request in seen if "/probes" not in request} == {"GET"}

    compared = here("compare", "quickstart", "--json", home=home)
    assert json.loads(compared.stdout)["sweep"] == "quickstart"
    for file in home.rglob("*"):
        if file.is_file():
            assert os.environ["AWS_SECRET_ACCESS_KEY"].encode() not in file.read_bytes(), file
