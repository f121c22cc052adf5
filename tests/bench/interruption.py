# SPDX-License-Identifier: Apache-2.0
"""What ^C and other requests to end do: the program ends by an exception, so that everything is taken away; but never
in the middle of mounting or unmounting."""
import contextlib
import signal
import sys

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
pending = None  # the signal that came while shielded
depth = 0  # of shields


def on_signal(number, _):
    global pending
    pending = number
    if depth == 0:
        sys.exit(128 + number)


def install():
    for number in SIGNALS:
        signal.signal(number, on_signal)


@contextlib.contextmanager
def shield():
    """A signal that comes inside ends the program when the outermost shield is left."""
    global depth
    depth += 1
    try:
        yield
    finally:
        depth -= 1
    if pending and depth == 0:
        sys.exit(128 + pending)
