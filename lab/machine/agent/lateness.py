"""
How late timers run here: sleeps 20 ms at a time until stdin ends, then prints when it was late, and by how much: by the clock
that the kernels of one host share, and beside it what this kernel's monotonic clock says.
"""

import json
import os
import selectors
import time

PERIOD = 0.02
NOTED = 0.03
MOST = 500


def lateness():
    late = []
    samples = 0
    watcher = selectors.DefaultSelector()
    watcher.register(0, selectors.EVENT_READ)
    os.set_blocking(0, False)
    print("started", flush=True)
    due = time.monotonic() + PERIOD
    while not watcher.select(0):
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        if now - due >= NOTED:
            late.append((round(time.time(), 3), round(now - due, 3)))
        samples += 1
        due = now + PERIOD
    worst = sorted(late, key=lambda delay: -delay[1])[:MOST]
    said = [{"at": at, "seconds": seconds} for at, seconds in sorted(worst)]
    clock = {"wall": time.time(), "monotonic": time.monotonic()}
    print(json.dumps({"late": said, "samples": samples, "clock": clock}))


lateness()
