#!/usr/bin/env python3
"""Records docs/tour.cast (asciinema, version 2) against the server of a running `./interposer up`.

Run it in the root of a checkout: docs/record-tour.py. Play the result with `asciinema play docs/tour.cast`.
"""
import json
import os
import pty
import subprocess
import sys
import time

COMMANDS = [
    "./interposer status",
    "./interposer submit examples/hello.yaml examples/portable.yaml examples/inference.yaml examples/too-big.yaml",
    "./interposer watch job hello -n research",
    "./interposer get jobs",
    "./interposer describe job too-big -n research",
    "./interposer explain job too-big -n research",
    "./interposer logs job hello -n research --worker 1",
    "./interposer describe node sim/mi300x-1",
    "./interposer cordon node sim/a1-0",
    "./interposer get nodes",
    "./interposer uncordon node sim/a1-0",
    "./interposer describe supplier nvidia",
    "./interposer get queues -o yaml",
    "./interposer get job nobody",
]
PAUSE_SECONDS = 1.5
TYPED_SECONDS = 0.03


def main():
    begun = time.monotonic()
    skipped = 0.0
    with open("docs/tour.cast", "w", encoding="utf-8") as cast:
        header = {"version": 2, "width": 150, "height": 40, "title": "Interposer, the command line"}
        cast.write(json.dumps(header) + "\n")

        def show(text):
            at = round(time.monotonic() - begun + skipped, 3)
            cast.write(json.dumps([at, "o", text], ensure_ascii=False) + "\n")

        for command in COMMANDS:
            show("$ ")
            for character in command:
                # Nobody waits for typing while it is recorded; whoever plays it does.
                skipped += TYPED_SECONDS
                show(character)
            show("\r\n")
            run(command, show)
            skipped += PAUSE_SECONDS
    print(f"docs/tour.cast: {len(COMMANDS)} commands")


def run(command, show):
    """On a terminal of its own, so that colours are as people see them."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command.split(), stdin=theirs, stdout=theirs, stderr=theirs,
                             env={**os.environ, "TERM": "xterm-256color"})
    os.close(theirs)
    data = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            break
        if not read:
            break
        data += read
        whole = data.rfind(b"\n") + 1
        if whole:
            show(data[:whole].decode("utf-8"))
            data = data[whole:]
    if data:
        show(data.decode("utf-8"))
    os.close(ours)
    if child.wait() not in (0, 3):
        sys.exit(f"{command} ended with {child.returncode}")


if __name__ == "__main__":
    main()
