//! Certificates on a time axis.

use serde::Serialize;
use time::OffsetDateTime;

use super::scale::WIDTH;
use crate::compile::plan::Plan;
use crate::model::Fact;
use crate::pki::Certificate;

/// Height of one certificate's row.
const ROW: f64 = 18.0;

/// All certificates on one axis.
#[derive(Serialize)]
pub(super) struct Axis {
    width: f64,
    height: f64,
    years: Vec<Year>,
    rows: Vec<CertificateRow>,
    /// Today's place, where the page may say what has expired.
    today: Option<f64>,
}

#[derive(Serialize)]
struct Year {
    x: f64,
    name: i32,
}

#[derive(Serialize)]
struct CertificateRow {
    name: String,
    y: f64,
    x: f64,
    width: f64,
    from: String,
    to: String,
    /// `ended`, `soon`, or nothing.
    state: &'static str,
}

/// A day as `2027-01-31`.
pub(super) fn day(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix)
        .map_or_else(|_| "no day".to_owned(), |time| time.date().to_string())
}

/// How long before its end a certificate is marked.
const SOON: i64 = 180 * 86_400;

/// The axis; nothing where no certificate is known.
pub(super) fn axis(plan: &Plan<'_>, now: Option<i64>) -> Option<Axis> {
    let mut all: Vec<(String, i64, i64)> = Vec::new();
    let mut add = |name: String, cert: &Option<Fact<Certificate>>| {
        if let Some(cert) = cert {
            let facts = cert.value.facts();
            all.push((name, facts.not_before, facts.not_after));
        }
    };
    add("CA of the mesh".to_owned(), &plan.mesh.ca.pair.cert);
    for cluster in &plan.mesh.clusters {
        add(format!("cilium-ca of {}", cluster.name()), &cluster.ca.cert);
        add(
            format!("remote certificate of {}", cluster.name()),
            &cluster.remote.cert,
        );
        add(
            format!("server certificate of {}", cluster.name()),
            &cluster.server_cert,
        );
    }
    let first = all.iter().map(|(_, from, _)| *from).min()?;
    let last = all.iter().map(|(_, _, to)| *to).max()?;
    let span = (last - first).max(1) as f64;
    let place = |time: i64| rounded((time - first) as f64 / span * WIDTH).clamp(0.0, WIDTH);
    all.sort_by(|a, b| a.2.cmp(&b.2).then(a.0.cmp(&b.0)));
    let rows = all
        .iter()
        .enumerate()
        .map(|(row, (name, from, to))| CertificateRow {
            name: name.clone(),
            y: rounded(row as f64 * ROW),
            x: place(*from),
            width: rounded((place(*to) - place(*from)).max(2.0)),
            from: day(*from),
            to: day(*to),
            state: match now {
                Some(now) if *to <= now => "ended",
                Some(now) if *to <= now + SOON => "soon",
                _ => "",
            },
        });
    Some(Axis {
        width: WIDTH,
        height: rounded(all.len() as f64 * ROW),
        years: years(first, last, place),
        rows: rows.collect(),
        today: now.filter(|now| (first..=last).contains(now)).map(place),
    })
}

fn years(first: i64, last: i64, place: impl Fn(i64) -> f64) -> Vec<Year> {
    let year = |unix| OffsetDateTime::from_unix_timestamp(unix).map(OffsetDateTime::year);
    let (Ok(from), Ok(to)) = (year(first), year(last)) else {
        return Vec::new();
    };
    let step = ((to - from) / 10 + 1).max(1);
    let starts = (from + 1..=to).filter(|year| (year - from - 1) % step == 0);
    starts
        .filter_map(|year| {
            let start = time::Date::from_calendar_date(year, time::Month::January, 1).ok()?;
            Some(Year {
                x: place(start.midnight().assume_utc().unix_timestamp()),
                name: year,
            })
        })
        .collect()
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
