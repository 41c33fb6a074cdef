//! The saved form of a table's report.

use super::report::TableReport;
use crate::error::Error;
use crate::form::{self, float, malformed};
use alloc::format;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved report of a table")]
struct ReportForm {
    version: u32,
    #[serde(with = "float")]
    max_over_quota: f64,
    #[serde(with = "float")]
    min_over_quota: f64,
    outside_floor_ceil: u64,
    domain_violations: u64,
    unknown_holders: u64,
    #[serde(with = "float")]
    worst_pair: f64,
    worst_pair_shared: u64,
    #[serde(with = "float")]
    max_led_over_quota: f64,
    #[serde(with = "float")]
    min_led_over_quota: f64,
    led_outside_floor_ceil: u64,
    missing_replicas: u64,
    distinct_copysets: u64,
    leaders_outside_floor_ceil: u64,
    #[serde(with = "float")]
    max_leaders_over_quota: f64,
    #[serde(with = "float")]
    worst_takeover: f64,
    worst_takeover_led: u64,
}

/// Writes `version`, then the fields in their order. Ratios are text, such as `"1.0625"` or `"inf"`,
/// so that every format keeps them exactly.
impl Serialize for TableReport {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ReportForm {
            version: VERSION,
            max_over_quota: self.max_over_quota,
            min_over_quota: self.min_over_quota,
            outside_floor_ceil: self.outside_floor_ceil,
            domain_violations: self.domain_violations,
            unknown_holders: self.unknown_holders,
            worst_pair: self.worst_pair,
            worst_pair_shared: self.worst_pair_shared,
            max_led_over_quota: self.max_led_over_quota,
            min_led_over_quota: self.min_led_over_quota,
            led_outside_floor_ceil: self.led_outside_floor_ceil,
            missing_replicas: self.missing_replicas,
            distinct_copysets: self.distinct_copysets,
            leaders_outside_floor_ceil: self.leaders_outside_floor_ceil,
            max_leaders_over_quota: self.max_leaders_over_quota,
            worst_takeover: self.worst_takeover,
            worst_takeover_led: self.worst_takeover_led,
        }
        .serialize(to)
    }
}

/// Reads what `Serialize` writes, and checks what can be checked without the table.
impl<'de> Deserialize<'de> for TableReport {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read::<ReportForm, _>(from, VERSION)?.report().map_err(D::Error::custom)
    }
}

impl ReportForm {
    fn report(self) -> Result<TableReport, Error> {
        let ranges = [
            ("over_quota", self.min_over_quota, self.max_over_quota),
            ("led_over_quota", self.min_led_over_quota, self.max_led_over_quota),
        ];
        for (what, min, max) in ranges {
            // Infinite if no node has a quota.
            if min > max && min.is_finite() {
                let why = format!("min_{what} is {min:?}, above max_{what} of {max:?}");
                return Err(malformed("report of a table", why));
            }
        }
        if self.worst_pair > 0.0 && self.worst_pair_shared == 0 {
            let why = format!(
                "worst_pair is {:?}, and worst_pair_shared says that no pair shares a partition",
                self.worst_pair
            );
            return Err(malformed("report of a table", why));
        }
        if self.worst_takeover > 0.0 && self.worst_takeover_led == 0 {
            let why = format!(
                "worst_takeover is {:?}, and worst_takeover_led says that none takes over",
                self.worst_takeover
            );
            return Err(malformed("report of a table", why));
        }
        if self.distinct_copysets == 0 {
            let why = "distinct_copysets is 0, and a table has at least one".into();
            return Err(malformed("report of a table", why));
        }
        Ok(TableReport {
            max_over_quota: self.max_over_quota,
            min_over_quota: self.min_over_quota,
            outside_floor_ceil: self.outside_floor_ceil,
            domain_violations: self.domain_violations,
            unknown_holders: self.unknown_holders,
            worst_pair: self.worst_pair,
            worst_pair_shared: self.worst_pair_shared,
            max_led_over_quota: self.max_led_over_quota,
            min_led_over_quota: self.min_led_over_quota,
            led_outside_floor_ceil: self.led_outside_floor_ceil,
            missing_replicas: self.missing_replicas,
            distinct_copysets: self.distinct_copysets,
            leaders_outside_floor_ceil: self.leaders_outside_floor_ceil,
            max_leaders_over_quota: self.max_leaders_over_quota,
            worst_takeover: self.worst_takeover,
            worst_takeover_led: self.worst_takeover_led,
        })
    }
}
