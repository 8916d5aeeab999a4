//! What a laboratory's file brought as rows, and what became of it.

use super::table::{Fact, Scope, Table, table};
use super::values::{Cell, Value, closed};
use crate::domain::arrival::*;

closed!(Came, How, Deed, AsideWhy);

table! { IMPORT Clinic "import" Import {
    file, name, format, declared, encoding, rows, refused, known,
} }
table! { REFUSED Clinic "refused" Refused { place, reason, text } }
table! { DRAW Clinic "draw" Draw {
    draw, place, numbers, name, kana, birth_date, sex, carries, laboratory, message, sent_at,
    order_number, filler_number, drawn_on, drawn_at, fasting, haemolysed, lipaemic, material,
    comments, contradicts, results,
} }
table! { RETURNED Clinic "returned" Returned {
    returned, draw, place, codes, name, analyte, why, value, came, word, comparator, number, unit,
    unit_known, range, range_low, range_high, range_low_open, range_high_open, flags, status,
    status_sent, method, method_sent, fasting, comments, sub_id, key, digest,
} }
table! { LINK Patient "link" Link { draw, how, identifiers, who, late, critical } }
table! { ASIDE Clinic "aside" Aside { draw, why } }
table! { AS_SENT Patient "as_sent" AsSent {
    draw, returned, drawn_on, laboratory, analyte, name, value, unit, range, flags, status, why,
    word, comments,
} }
table! { REVIEWED Patient "reviewed" Reviewed { draw, deed, acknowledged, note } }
