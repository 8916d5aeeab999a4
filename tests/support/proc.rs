//! What the kernel counts of a process (Linux).

use std::fs;
use std::time::Duration;

/// Processor time used so far by the threads that are still there.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    // Nanoseconds, where the ticks of `stat` are hundredths of a second.
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let path = task.ok()?.path().join("schedstat");
        let line = fs::read_to_string(path).ok()?;
        total += line.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(total))
}

/// How often its threads went to sleep by themselves: once for each waking up.
pub fn wake_ups(pid: u32) -> Option<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        total += field(
            &task.ok()?.path().join("status"),
            "voluntary_ctxt_switches:",
        )?;
    }
    Some(total)
}

/// Most memory in use at any time, in KiB.
pub fn peak_memory(pid: u32) -> Option<u64> {
    field(format!("/proc/{pid}/status").as_ref(), "VmHWM:")
}

fn field(path: &std::path::Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
