"""What every layer of tests stands on: signals as in a terminal."""

import signal

# A shell without job control starts what runs in the background with SIGINT ignored, and children inherit that: tests that
# press Ctrl-C would press in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
