//! The pieces of the reports: escaping, packing, and pictures of hostile, empty and large input.

#[path = "../../examples/common/report/mod.rs"]
mod pieces;

use crate::html::{Page, unbase64};
use crate::text;
use pieces::{
    Arc, Bar, Bars, Bits, Check, Html, Matrix, Part, Report, Ring, Rounds, Section, Strip, Strips,
    Verdict, base64, checks, json_for_script,
};
use std::collections::BTreeMap;

const HOSTILE: &str = "</script><script>alert(1)</script>\"'&<!--\u{0}\u{2028}é";

fn page(body: Html, data: &str) -> String {
    let section = |id: &str, body: Html| Section::new(id, HOSTILE, body);
    let part = Part {
        id: "part".to_owned(),
        title: HOSTILE.to_owned(),
        summary: Html::of(HOSTILE),
        open: false,
        sections: vec![section("inner", Html::of(HOSTILE))],
    };
    let report = Report {
        title: HOSTILE.to_owned(),
        lead: Html::of(HOSTILE),
        sections: vec![section("first", body)],
        parts_title: HOSTILE.to_owned(),
        parts: vec![part],
        closing: vec![section("last", Html::new())],
        data: data.to_owned(),
    };
    report.html()
}

#[test]
fn text_is_escaped_wherever_it_stands() {
    let mut body = checks(HOSTILE, &[Check::new(HOSTILE, Verdict::Warn, HOSTILE)]);
    let names = vec![HOSTILE.to_owned(), "b".to_owned()];
    let cells = BTreeMap::from([((0, 1), 3), ((1, 0), 1)]);
    let matrix =
        Matrix { caption: HOSTILE, corner: HOSTILE, rows: &names, columns: &names, cells: &cells };
    body.push(&matrix.html());
    let bar = Bar {
        name: HOSTILE.to_owned(),
        before: 2,
        peak: 5,
        after: 3,
        quota: 2.5,
        capacity: Some(4),
    };
    let bars =
        Bars { id: "bars", title: HOSTILE, unit: HOSTILE, of: HOSTILE, peaks: true, bars: &[bar] };
    body.push(&bars.html());
    let strip = Strip { name: HOSTILE.to_owned(), bins: vec![(1, 2, 0), (0, 0, 7)] };
    let strips =
        Strips { id: "strips", title: HOSTILE, of: HOSTILE, partitions: 2, strips: &[strip] };
    body.push(&strips.html());
    let rounds = Rounds {
        id: "rounds",
        title: HOSTILE,
        of: HOSTILE,
        names: &names,
        rounds: 500,
        transfers: &[(0, Some(0), 1), (499, None, 0)],
        slider: Some(0),
    };
    body.push(&rounds.html());
    let numbers = Html::of(HOSTILE);
    let arcs = [Arc { from: 0.1, to: 0.9 }, Arc { from: 0.95, to: 0.95 }];
    let ring = Ring { id: "ring", title: HOSTILE, text: HOSTILE, arcs: &arcs, numbers: &numbers };
    body.push(&ring.html());
    let data = serde_json::json!({"nodes": [HOSTILE]}).to_string();
    let html = page(body, &data);
    let read = Page::read(&html);
    read.check(&html);
    assert_eq!(read.all("script").count(), 2, "the data and the program");
    assert!(!html.contains("<script>alert"));
    assert_eq!(read.data()["nodes"][0], HOSTILE);
    let shown = HOSTILE.replace('\u{0}', "\u{FFFD}");
    assert_eq!(read.all("h1").next().expect("a title").text, shown);
}

#[test]
fn empty_pictures_are_pages_too() {
    let cells = BTreeMap::new();
    let mut body =
        Matrix { caption: "c", corner: "", rows: &[], columns: &[], cells: &cells }.html();
    let bars = Bars { id: "b", title: "t", unit: "u", of: "o", peaks: true, bars: &[] };
    body.push(&bars.html());
    let strips = Strips { id: "s", title: "t", of: "o", partitions: 0, strips: &[] };
    body.push(&strips.html());
    let rounds = Rounds {
        id: "r",
        title: "t",
        of: "o",
        names: &[],
        rounds: 0,
        transfers: &[],
        slider: None,
    };
    body.push(&rounds.html());
    let numbers = Html::of("none");
    body.push(&Ring { id: "g", title: "t", text: "x", arcs: &[], numbers: &numbers }.html());
    let html = page(body, "{}");
    Page::read(&html).check(&html);
    assert!(!html.contains("NaN") && !html.contains("inf"));
}

#[test]
fn the_numbers_of_a_matrix_add_up() {
    let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    let cells = BTreeMap::from([((0, 1), 1000), ((0, 2), 2), ((2, 1), 30)]);
    let matrix =
        Matrix { caption: "flows", corner: "", rows: &names, columns: &names, cells: &cells };
    let html = page(matrix.html(), "{}");
    // Rows and columns of zeros are left out.
    let rows = Page::read(&html).table("flows");
    assert_eq!(rows, [vec!["a", "1,000", "2", "1,002"], vec!["c", "30", "·", "30"]]);
}

#[test]
fn packed_numbers_are_read_back() {
    let mut bits = Bits::default();
    let numbers = [(5, 3), (0, 1), (u64::MAX, 64), (1, 1), (262_143, 18), (0, 7)];
    numbers.iter().for_each(|(number, width)| bits.push(*number, *width));
    let mut read = crate::html::Bits::new(&bits.base64().into());
    for (number, width) in numbers {
        assert_eq!(read.next(&width.into()), number, "{width} bits");
    }
    assert_eq!(bits.len(), 12);
    let widths = [(0, 1), (1, 1), (2, 2), (255, 8), (256, 9), (u64::MAX, 64)];
    for (max, width) in widths {
        assert_eq!(Bits::width(max), width, "{max}");
    }
}

#[test]
fn base64_of_every_length() {
    for (plain, coded) in
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
    {
        assert_eq!(base64(plain.as_bytes()), coded);
    }
    for length in 0..100_u8 {
        let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(91) ^ 0xA5).collect();
        assert_eq!(unbase64(&base64(&bytes)), bytes);
    }
}

#[test]
fn json_cannot_end_its_script() {
    let json = serde_json::json!({"</script>": HOSTILE, "<!--": "]]>"}).to_string();
    let safe = json_for_script(&json);
    assert!(!safe.contains(['<', '>', '&', '\u{2028}']));
    let same: serde_json::Value = serde_json::from_str(&safe).expect("JSON");
    assert_eq!(same.to_string(), json);
}
