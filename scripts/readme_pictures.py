"""Take the pictures of the README from the running app: `make readme`."""

from __future__ import annotations

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = {"transforms.png": "/transforms?transforms_turn=20&transforms_shear=0.4"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Start the app on a free port, take each picture, stop the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "streamlit_app.py",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
    ]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 670}, device_scale_factor=1.5)
            for name, address in PICTURES.items():
                page.goto(f"http://127.0.0.1:{port}{address}")
                page.wait_for_selector(".mml-back img[src]")
                page.wait_for_timeout(2000)
                page.screenshot(path=ROOT / "docs" / name)
                print(f"docs/{name}")
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The app did not start.")


if __name__ == "__main__":
    main()
