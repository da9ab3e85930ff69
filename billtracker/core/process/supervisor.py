"""Child processes under one roof: each in a group of its own, all ended together, none left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain

PATIENCE = 8.0  # seconds between asking and killing; below the ten that container engines give
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class HangCheck:
    """Tells whether a child hangs: its sign of life has stayed the same for ``limit`` seconds.

    ``sign`` returns something that changes while the child works, or None when that cannot be known now.
    Time is this machine's running time, so a suspended machine or a changed clock kills nobody.
    """

    sign: Callable[[], object]
    limit: float
    every: float = 15.0  # seconds between two looks
    seen: object = None
    since: float = field(default_factory=lambda: time.monotonic())
    looked: float = field(default_factory=lambda: time.monotonic())

    def begin(self) -> None:
        """Give a child that is about to start the whole limit."""
        self.seen, self.since = None, time.monotonic()

    def fault(self) -> str:
        """Look, when it is time to, and say what is wrong with the child once the limit is reached."""
        now = time.monotonic()
        if now - self.looked < self.every:
            return ""
        self.looked = now
        sign = self.sign()
        if sign is None or sign != self.seen:
            self.seen, self.since = sign, now
        return f"was silent for {self.limit:.0f} s" if now - self.since > self.limit else ""


@dataclass
class RestartCheck:
    """Tells whether what a child stands on has become another since it was started.

    ``sign`` returns what it stands on, or None when that cannot be known now.
    """

    sign: Callable[[], object]
    why: str
    every: float = 1.0  # seconds between two looks
    seen: object = None
    looked: float = field(default_factory=lambda: time.monotonic())

    def begin(self) -> None:
        """Note the ground of a child that is about to start; what cannot be known yet is noted later."""
        self.seen = self.sign()

    def fault(self) -> str:
        """Look, when it is time to, and say what changed."""
        now = time.monotonic()
        if now - self.looked < self.every:
            return ""
        self.looked = now
        sign = self.sign()
        if self.seen is None:
            self.seen = sign
        return self.why if sign is not None and sign != self.seen else ""


def end_with_parent(how: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process ``how`` when its parent dies. Linux only."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, how)


def start(command: Sequence[str]) -> subprocess.Popen:
    """Start a child in a session of its own: Ctrl-C reaches us alone, and its group can be killed."""
    parent = os.getpid()

    def in_child() -> None:
        end_with_parent(signal.SIGTERM)
        if os.getppid() != parent:  # the parent died before the kernel was asked
            os._exit(1)

    return subprocess.Popen(command, start_new_session=True, preexec_fn=in_child)


def _signal_group(child: subprocess.Popen, how: int) -> None:
    """Send ``how`` to the child's whole group; a group that is gone is fine."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, how)


def stop(children: Sequence[subprocess.Popen], hurry: Callable[[], bool]) -> None:
    """Ask the children to end, wait while they do, then kill whatever is left of their groups."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    while any(child.poll() is None for child in children) and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
    for child in children:
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _exit_code(child: subprocess.Popen) -> int:
    """Return the child's exit code as a shell tells it: 128 and the signal's number after a kill."""
    code = child.returncode
    return 128 - code if code < 0 else code


def replace(child: subprocess.Popen) -> subprocess.Popen:
    """Kill the child with its whole group and start its command anew."""
    _signal_group(child, signal.SIGKILL)
    child.wait()
    return start(child.args)  # type: ignore[arg-type]


def supervise(
    commands: Mapping[str, Sequence[str]],
    report: Callable[[str], object],
    watches: Mapping[str, Sequence[HangCheck | RestartCheck]] | None = None,
) -> int:
    """Run the commands until one of them ends or a signal asks to stop; end the others.

    A child in which one of its watches finds a fault is replaced, and the others go on. Returns 0 after
    SIGTERM, SIGINT or SIGHUP, else the code of the child that ended. A second signal does not wait.
    ``report`` gets one sentence about a child that ended by itself or was replaced.
    """
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: signals.append(received))
    children: dict[str, subprocess.Popen] = {}
    try:
        for watch in chain.from_iterable((watches or {}).values()):
            watch.begin()
        for name, command in commands.items():
            children[name] = start(command)
        while not signals and all(child.poll() is None for child in children.values()):
            time.sleep(0.1)
            for name, watching in (watches or {}).items():
                if signals or children[name].poll() is not None:
                    continue
                if fault := next(filter(None, (watch.fault() for watch in watching)), ""):
                    report(f"The {name} process {fault}; it is replaced.")
                    for watch in watching:
                        watch.begin()
                    children[name] = replace(children[name])
        ended = {name: child for name, child in children.items() if child.poll() is not None}
    finally:
        stop(list(children.values()), hurry=lambda: len(signals) > 1)
    if signals:
        return 0
    name, child = next(iter(ended.items()))
    report(f"The {name} process ended with code {_exit_code(child)}; everything was stopped.")
    return _exit_code(child)
