//! What the process uses, as the system tells it: `getrusage(2)` and `/proc/self`.

use std::fs;

use base::Instant;
use nix::sys::resource::{UsageWho, getrusage};

use super::metrics::{Text, seconds};

/// Writes the standard metrics of a process; what the system does not tell is left out.
pub(crate) fn write(text: &mut Text, started: Instant) {
    if let Some(us) = cpu_us() {
        let help = "User and system CPU time of all threads, to the microsecond.";
        text.one("process_cpu_seconds_total", "counter", help, seconds(us));
    }
    if let Some(bytes) = resident_bytes() {
        text.one("process_resident_memory_bytes", "gauge", "Resident memory.", bytes);
    }
    let started = u64::try_from(started.ms()).unwrap_or_default();
    let help = "When the process started, seconds since 1970.";
    text.one("process_start_time_seconds", "gauge", help, seconds(started.saturating_mul(1_000)));
    // The folder that is being counted is open itself.
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        text.one("process_open_fds", "gauge", "Open file descriptors.", open.count().saturating_sub(1));
    }
    if let Ok((soft, _)) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE) {
        text.one("process_max_fds", "gauge", "How many file descriptors may be open.", soft);
    }
}

/// User and system time of the whole process, microseconds.
fn cpu_us() -> Option<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let us = |t: nix::sys::time::TimeVal| t.tv_sec() * 1_000_000 + t.tv_usec();
    u64::try_from(us(usage.user_time()) + us(usage.system_time())).ok()
}

/// `VmRSS` of `/proc/self/status`, which is in KiB (proc(5)).
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
