"""Describe the machine that a measurement runs on: processor, memory, versions, temperature."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

THROTTLED_NOW = 0xF  # under-voltage, frequency capped, throttled, soft temperature limit: bits of get_throttled


class MissingCore(Exception):
    """A core that this process may not run on; the text says which it may."""


def describe_machine(core):
    """Return processor, memory, system and versions, and the core's present governor, frequency and temperature."""
    cpu = Path(f"/sys/devices/system/cpu/cpu{core}")
    return {
        "board": read("/proc/device-tree/model"),
        "processor": processor(),
        "architecture": platform.machine(),
        "emulated": "vendor_id" in cpuinfo() and platform.machine() not in ("x86_64", "i686"),  # shows the host's
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "kernel": platform.release(),
        "libc": " ".join(platform.libc_ver()),
        "python": sys.version.split()[0],
        "core": core,
        "governor": read(cpu / "cpufreq/scaling_governor"),
        "frequency_khz": read(cpu / "cpufreq/scaling_cur_freq"),
        "temperature": temperature(),
        "throttled": throttled(core),
    }


def read(path):
    """Return the text of a kernel file; None if it does not exist."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return None


def cpuinfo():
    """Return the entries of /proc/cpuinfo; of entries for each core the last."""
    lines = (read("/proc/cpuinfo") or "").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def processor():
    """Return the processor's model; ARM kernels only report its part number."""
    facts = cpuinfo()
    return facts.get("model name") or f"implementer {facts.get('CPU implementer')}, part {facts.get('CPU part')}"


def temperature():
    """Return the temperature of the first thermal zone in degrees Celsius; None if unknown."""
    millidegrees = read("/sys/class/thermal/thermal_zone0/temp")
    return None if millidegrees is None else int(millidegrees) / 1000


def throttled(core):
    """Return get_throttled's bits, or how often heat throttled the core; None if neither is reported."""
    if shutil.which("vcgencmd"):
        answer = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True).stdout
        bits = re.search(rb"throttled=(0x[0-9a-fA-F]+)", answer)
        if bits:  # a user without the right to ask is told something else
            return {"bits": int(bits[1], 16)}
    count = read(f"/sys/devices/system/cpu/cpu{core}/thermal_throttle/core_throttle_count")
    return None if count is None else {"count": int(count)}


def was_throttled(before, after):
    """Return whether the core was throttled between two descriptions, or is throttled in one of them."""
    first, last = before["throttled"] or {}, after["throttled"] or {}
    now = (first.get("bits", 0) | last.get("bits", 0)) & THROTTLED_NOW
    since = last.get("bits", 0) & ~first.get("bits", 0)
    return bool(now or since or last.get("count", 0) > first.get("count", 0))


def pin(core=None):
    """Run on one core from here on, with all that is started later: the first allowed one where none is named.

    Returns the core. Raises MissingCore where it is not to be had: a container, a cpuset or a batch system may have
    given this process others.
    """
    try:
        allowed = sorted(os.sched_getaffinity(0))
    except AttributeError as error:
        raise MissingCore("this system cannot keep a program on one core; Linux can") from error
    chosen = allowed[0] if core is None else core
    try:
        if chosen not in allowed:
            raise OSError("it is not among the allowed ones")
        os.sched_setaffinity(0, {chosen})
    except OSError as error:
        raise MissingCore(
            f"core {chosen} cannot be had on this machine ({error}): this process may run on "
            f"{', '.join(map(str, allowed))}. Name one of them, or none for the first"
        ) from error
    return chosen
