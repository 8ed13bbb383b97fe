#!/usr/bin/env python3
"""Records docs/tour.cast (asciinema, version 2) against the server of a running `./interposer up`.

Run it in the root of a checkout: docs/record-tour.py. Play the result with `asciinema play docs/tour.cast`.
"""
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time

COMMANDS = [
    "./interposer status",
    "./interposer submit examples/hello.yaml examples/portable.yaml examples/inference.yaml examples/too-big.yaml",
    "./interposer watch job hello -n research",
    "./interposer get jobs",
    "./interposer scale job chat --replicas 3 -n serving",
    "./interposer get job chat -n serving",
    "./interposer scale job chat --replicas 0 -n serving",
    "./interposer describe job too-big -n research",
    "./interposer explain job too-big -n research",
    "./interposer logs job hello -n research --worker 1",
    "./interposer describe node sim/mi300x-1",
    "./interposer cordon node sim/a1-0",
    "./interposer get nodes",
    ("./interposer get nodes --watch", 6, "./interposer uncordon node sim/a1-0"),
    "./interposer describe supplier nvidia",
    "./interposer supply",
    "./interposer get queues -o yaml",
    "./interposer fsck",
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

        for wanted in COMMANDS:
            command, seconds, meanwhile = wanted if isinstance(wanted, tuple) else (wanted, 0, "")
            show("$ ")
            for character in command:
                # Nobody waits for typing while it is recorded; whoever plays it does.
                skipped += TYPED_SECONDS
                show(character)
            show("\r\n")
            run(command, show, seconds, meanwhile)
            skipped += PAUSE_SECONDS
    print(f"docs/tour.cast: {len(COMMANDS)} commands")


def run(command, show, seconds, meanwhile):
    """On a terminal of its own, so that colours are as people see them; what goes on is ended by Ctrl-C after a while."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command.split(), stdin=theirs, stdout=theirs, stderr=theirs,
                             env={**os.environ, "TERM": "xterm-256color"})
    os.close(theirs)
    if seconds:
        threading.Timer(seconds / 2, lambda: subprocess.run(meanwhile.split(), stdout=subprocess.DEVNULL)).start()
        threading.Timer(seconds, lambda: child.send_signal(signal.SIGINT)).start()
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
    if seconds:
        show("^C\r\n")
    os.close(ours)
    # Refused and not found are shown on purpose; 130 is Ctrl-C.
    if child.wait() not in (0, 1, 3, 130):
        sys.exit(f"{command} ended with {child.returncode}")


if __name__ == "__main__":
    main()
