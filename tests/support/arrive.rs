//! A laboratory's file taken in beside a sitting, as `saishin import` does.

use super::shelf::{Shelf, clinic};
use chrono::{DateTime, FixedOffset};
use saishin::app::taking::{self, Job, Tables};
use saishin::domain::matching::Scheme;
use saishin::screen::Ids;
use saishin::store::StoreError;
use std::path::Path;

/// Takes in a file of `tests/fixtures/arrive`.
pub fn take(shelf: &Shelf, name: &str, now: DateTime<FixedOffset>) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/arrive");
    let bytes = taking::read(&folder.join(name)).map_err(|why| why.word().to_owned())?;
    take_bytes(shelf, name, &bytes, now)
}

/// Takes in these bytes, as a file of this name.
pub fn take_bytes(
    shelf: &Shelf,
    name: &str,
    bytes: &[u8],
    now: DateTime<FixedOffset>,
) -> Result<(), String> {
    let clinic = clinic();
    let tables = Tables::built_in(&clinic.catalogue);
    let parsed = taking::parse(name, bytes, &tables, &clinic.catalogue);
    let under = taking::Under {
        catalogue: clinic.catalogue.clone(),
        settings: clinic.settings.clone(),
        settings_hash: clinic.settings_hash,
        scheme: Scheme::default(),
        person: shelf.doctor(),
        now,
    };
    let ids = Ids::new(u64::from_be_bytes(
        parsed.hash[..8].try_into().expect("eight bytes"),
    ));
    let next = Box::new(move || ids.next(now));
    let mut job = Job::new(parsed, under, next).ok_or("it is not read")?;
    let mut shelf = shelf.clone();
    let failed = |why: StoreError| why.to_string();
    while !job.look_up(&shelf).map_err(failed)? {}
    while !job.link(&shelf).map_err(failed)? {}
    job.save(&mut shelf, &mut |_| false).map_err(failed)?;
    Ok(())
}
