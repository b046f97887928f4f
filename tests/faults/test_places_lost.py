"""The places that a sweep writes to: a disk that is full, Ray's own folder gone, a clock that is set back."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ledger import assert_as_undisturbed
from processes import TINY_QUICKSTART


def test_a_full_disk_stops_the_sweep_in_words_and_it_goes_on_when_there_is_space(tmp_path, here, undisturbed_home):
    home = tmp_path / "small disk"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(home)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only who may mount a disk can make one that is too small")
    try:
        done = here(*TINY_QUICKSTART, home=home, code=1)
        assert "no space is left on its disk" in done.stdout
        assert "free some" in done.stdout
        assert "run the same command to go on" in done.stdout
        subprocess.run(["mount", "-o", "remount,size=200m", str(home)], check=True)
        here(*TINY_QUICKSTART, home=home)
        assert_as_undisturbed("disk full, then space made", home, undisturbed_home)
    finally:
        # Lazily: the test's own look at MLflow's database may still have it open.
        subprocess.run(["umount", "--lazy", str(home)], check=True)


@pytest.mark.timeout(900)
def test_nobody_misses_rays_own_folder(tmp_path, start_seedwise, seedwise, undisturbed_home, monkeypatch):
    folder = Path("/tmp/sw-ray-folder")  # short: Ray's sockets lie in it
    monkeypatch.setenv("RAY_TMPDIR", str(folder))
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    while not list(tmp_path.glob("cells/*/history/0001.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert folder.exists()
    shutil.rmtree(folder)
    seedwise(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("Ray's session folder deleted between runs", tmp_path, undisturbed_home)
