//! The invented clinic, told from several days.

use chrono::{DateTime, FixedOffset};
use saishin::demo::{Ground, entries};
use saishin::domain::observation::{BUILT_IN, Catalogue};
use saishin::domain::protocol::Protocol;
use uuid::Builder;

const PROTOCOL: &str = include_str!("../assets/protocols/isotretinoin.toml");

#[test]
fn smoke() {
    let protocol = Protocol::parse(PROTOCOL).unwrap();
    let catalogue = Catalogue::parse(BUILT_IN).unwrap();
    let settings = protocol.default_settings();
    let now: DateTime<FixedOffset> = "2026-11-24T10:30:00+09:00".parse().unwrap();
    let ground = Ground { now, protocol: &protocol, protocol_text: PROTOCOL, protocol_hash: [7; 32], catalogue: &catalogue, settings: &settings, settings_hash: [1; 32] };
    let mut n = 0u64;
    let started = std::time::Instant::now();
    let all = entries(&ground, &mut |at| { n += 1; let mut r=[0;10]; r[..8].copy_from_slice(&n.to_be_bytes()); Builder::from_unix_timestamp_millis(at.timestamp_millis() as u64, &r).into_uuid() });
    println!("{:?}", started.elapsed());
    match all { Err(e) => panic!("{e}"), Ok(all) => {
        println!("{} entries", all.len());
        for (e, _) in &all { for c in &e.changes { if let saishin::domain::change::Change::Sign(s) = c { if let Some(p)=e.patient { let _=p; println!("{}\n", s.note_ja); } } if let saishin::domain::change::Change::FrozenAlert(a) = c { println!("ALERT {} {} {} {:?}", a.level, a.rule, a.text_en, a.settled) } } }
        for (_, p) in &all { if let Some(p) = p { let l=&p.line; println!("{} {} {:?} visit {:?} blood {:?} test {:?} win {:?} draft {:?}", l.chart_number, l.name, l.phase, l.visit_due.map(|d| (d-now.date_naive()).num_days()), l.blood_due.map(|d| (d-now.date_naive()).num_days()), l.test_due.map(|d| (d-now.date_naive()).num_days()), l.window_until.map(|d| (d-now.date_naive()).num_days()), l.draft); } }
    } }
}
