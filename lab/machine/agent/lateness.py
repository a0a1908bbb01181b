"""
How late timers run here: sleeps 20 ms at a time until stdin ends, then prints the worst delay beyond that. For every line on
stdin it prints the worst since the last, and begins afresh.
"""

import json
import os
import selectors
import time

PERIOD = 0.02


def lateness():
    worst = 0.0
    samples = 0
    watcher = selectors.DefaultSelector()
    watcher.register(0, selectors.EVENT_READ)
    os.set_blocking(0, False)
    print("started", flush=True)
    due = time.monotonic() + PERIOD
    while True:
        if watcher.select(0):
            told = os.read(0, 1024)
            print(json.dumps({"worstMs": round(worst * 1000, 3), "samples": samples}), flush=True)
            if not told:
                return
            worst = 0.0
            samples = 0
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        worst = max(worst, now - due)
        samples += 1
        due = now + PERIOD


lateness()
