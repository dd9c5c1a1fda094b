use super::*;

fn check(phase: Phase, for_ms: u64, bytes: u64, expected: Option<Ended>) {
    assert_eq!(overdue(phase, for_ms, bytes), expected, "{phase:?}, {for_ms} ms, {bytes} bytes");
}

#[test]
fn each_phase_has_its_time() {
    check(Phase::Silent, limits::REQUEST_HEAD_MS, 0, None);
    check(Phase::Silent, limits::REQUEST_HEAD_MS + 1, 0, Some(Ended::Idle));
    check(Phase::Idle, limits::KEEP_ALIVE_MS, 0, None);
    check(Phase::Idle, limits::KEEP_ALIVE_MS + 1, 0, Some(Ended::Idle));
    // A head has a time, however much of it comes.
    check(Phase::Head, limits::REQUEST_HEAD_MS, 10, None);
    check(Phase::Head, limits::REQUEST_HEAD_MS + 1, 30_000, Some(Ended::SlowRequest));
    check(Phase::Closing, limits::CLOSING_MS, 0, None);
    check(Phase::Closing, limits::CLOSING_MS + 1, 1_000_000, Some(Ended::Idle));
    // What we work on has another deadline, which is answered.
    check(Phase::Working, u64::MAX / 2, 0, None);
}

#[test]
fn a_transfer_has_a_least_speed_after_its_first_seconds() {
    let least = |per_s: u64, ms: u64| per_s * ms / 1_000;
    check(Phase::Body, limits::TRANSFER_GRACE_MS, 0, None);
    check(Phase::Body, limits::TRANSFER_GRACE_MS + 1_000, 6, Some(Ended::SlowRequest));
    let enough = least(limits::REQUEST_BYTES_PER_S_MIN, 10_000);
    check(Phase::Body, 10_000, enough, None);
    check(Phase::Body, 10_000, enough - 1, Some(Ended::SlowRequest));
    check(Phase::Body, limits::REQUEST_BODY_MS + 1, 1 << 30, Some(Ended::SlowRequest));
    check(Phase::Answer, limits::TRANSFER_GRACE_MS, 0, None);
    let enough = least(limits::ANSWER_BYTES_PER_S_MIN, 3_600_000);
    check(Phase::Answer, 3_600_000, enough, None);
    check(Phase::Answer, 3_600_000, enough - 1, Some(Ended::SlowReader));
}
