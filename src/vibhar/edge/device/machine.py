"""Describe the machine that a measurement runs on: processor, memory, versions, temperature."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

THROTTLED_NOW = 0xF  # under-voltage, frequency capped, throttled, soft temperature limit: bits of get_throttled


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
        return Path(path).read_text().strip("\0\n ")
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
        answer = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True).stdout
        return {"bits": int(answer.partition("=")[2] or "0", 16)}
    count = read(f"/sys/devices/system/cpu/cpu{core}/thermal_throttle/core_throttle_count")
    return None if count is None else {"count": int(count)}


def was_throttled(before, after):
    """Return whether the core was throttled between two descriptions, or is throttled in one of them."""
    first, last = before["throttled"] or {}, after["throttled"] or {}
    now = (first.get("bits", 0) | last.get("bits", 0)) & THROTTLED_NOW
    since = last.get("bits", 0) & ~first.get("bits", 0)
    return bool(now or since or last.get("count", 0) > first.get("count", 0))


def pin(core):
    """Pin this process and its later children to one core; return an error message, or None."""
    try:
        os.sched_setaffinity(0, {core})
    except (AttributeError, OSError) as error:
        return f"core {core} cannot be had on this machine ({error}): it has {os.cpu_count()}, counted from 0"
    return None
