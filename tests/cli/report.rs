//! The pieces of the reports: escaping, packing, and pictures of hostile, empty and large input.

#[path = "../../examples/common/report/mod.rs"]
mod pieces;

use crate::html::{Page, unbase64};
use crate::text;
use pieces::{
    Arc, Bar, Bars, Bits, Cells, Check, Groups, Matrix, NodeFlow, Part, Report, Ring, Rounds,
    SHARED, Section, Strip, Strips, Table, Templates, Values, Verdict, base64, checks, files,
    json_for_script,
};
use std::collections::BTreeSet;
use std::{env, fs};

const HOSTILE: &str = "</script><script>alert(1)</script>\"'&<!--\u{0}\u{2028}é";

/// A page with these sections: a template and its values.
fn page(bodies: Vec<(&'static str, Values)>, data: &str) -> String {
    let section = |(at, (template, values)): (usize, (&'static str, Values))| {
        Section::new(format!("section-{at}"), HOSTILE, template, values)
    };
    let inner = Table::new(HOSTILE).text(HOSTILE);
    let inner = Values::new().with("table", inner);
    let part = Part {
        id: "part".to_owned(),
        title: HOSTILE.to_owned(),
        verdict: Verdict::Pass,
        summary: HOSTILE.to_owned(),
        open: false,
        sections: vec![Section::new("inner", HOSTILE, "only-table", inner)],
    };
    let report = Report {
        title: HOSTILE.to_owned(),
        lead: HOSTILE.to_owned(),
        sections: bodies.into_iter().enumerate().map(section).collect(),
        parts_title: HOSTILE.to_owned(),
        parts: vec![part],
        closing: Vec::new(),
        data: data.to_owned(),
    };
    report.html(&[("of figure", "{% include \"figure\" with figure %}\n")])
}

fn figure(figure: impl Into<upon::Value>) -> (&'static str, Values) {
    ("of figure", Values::new().with("figure", figure.into()))
}

fn matrix(matrix: Matrix<'_>) -> (&'static str, Values) {
    ("flows", Values::new().with("flows", matrix).with("grouped", false))
}

#[test]
fn text_is_escaped_wherever_it_stands() {
    let names = vec![HOSTILE.to_owned(), "b".to_owned()];
    let cells = Cells::from([((0, 1), 3), ((1, 0), 1)]);
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
    let strip = Strip { name: HOSTILE.to_owned(), bins: vec![(1, 2, 0), (0, 0, 7)] };
    let strips =
        Strips { id: "strips", title: HOSTILE, of: HOSTILE, partitions: 2, strips: &[strip] };
    let rounds = Rounds {
        id: "rounds",
        title: HOSTILE,
        of: HOSTILE,
        names: &names,
        rounds: 500,
        transfers: &[(0, Some(0), 1), (499, None, 0)],
        part: 0,
    };
    let arcs = [Arc { from: 0.1, to: 0.9 }, Arc { from: 0.95, to: 0.95 }];
    let mut numbers = Table::new(HOSTILE).text(HOSTILE).numbers([HOSTILE]);
    numbers.row([HOSTILE.into(), HOSTILE.into()]);
    let ring = Ring { id: "ring", title: HOSTILE, text: HOSTILE.to_owned(), arcs: &arcs, numbers };
    let bodies = vec![
        ("checks", checks(HOSTILE, &[Check::new(HOSTILE, Verdict::Warn, HOSTILE)])),
        matrix(Matrix { caption: HOSTILE, corner: HOSTILE, names: &names, cells: &cells }),
        figure(bars),
        figure(strips),
        figure(rounds),
        figure(ring),
        ("facts", Values::new().with("facts", vec![pieces::fact(HOSTILE, HOSTILE, HOSTILE)])),
        (
            "downloads",
            Values::new().with("files", vec![files::file(HOSTILE, HOSTILE, "", HOSTILE)]),
        ),
    ];
    let data = serde_json::json!({"nodes": [HOSTILE]}).to_string();
    let html = page(bodies, &data);
    let read = Page::read(&html);
    // A file's name and kind come from the program: only that they stay in their place is tested.
    let html = html.replace("data:&lt;", "data:").replace("download=", "title=");
    read.check(&html);
    assert_eq!(read.all("script").count(), 2, "the data and the program");
    assert!(!html.contains("<script>alert"));
    assert_eq!(read.data()["nodes"][0], HOSTILE);
    let shown = HOSTILE.replace('\u{0}', "\u{FFFD}");
    assert_eq!(read.all("h1").next().expect("a title").text, shown);
}

#[test]
fn empty_pictures_are_pages_too() {
    let cells = Cells::new();
    let strips = Strips { id: "s", title: "t", of: "o", partitions: 0, strips: &[] };
    let rounds =
        Rounds { id: "r", title: "t", of: "o", names: &[], rounds: 0, transfers: &[], part: 0 };
    let numbers = Table::new("none");
    let bodies = vec![
        matrix(Matrix { caption: "c", corner: "", names: &[], cells: &cells }),
        figure(Bars { id: "b", title: "t", unit: "u", of: "o", peaks: true, bars: &[] }),
        figure(strips),
        figure(rounds),
        figure(Ring { id: "g", title: "t", text: "x".to_owned(), arcs: &[], numbers }),
    ];
    let html = page(bodies, "{}");
    Page::read(&html).check(&html);
    assert!(!html.contains("NaN") && !html.contains("inf"));
}

#[test]
fn the_numbers_of_a_matrix_add_up() {
    let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    let cells = Cells::from([((0, 1), 1000), ((0, 2), 2), ((2, 1), 30)]);
    let given = Matrix { caption: "flows", corner: "", names: &names, cells: &cells };
    let html = page(vec![matrix(given)], "{}");
    // Rows and columns of zeros are left out.
    let rows = Page::read(&html).table("flows");
    assert_eq!(rows, [vec!["a", "1,000", "2", "1,002"], vec!["c", "30", "·", "30"]]);
}

/// Colours run from the smallest to the largest cell, and are not there where cells are alike.
#[test]
fn the_colours_of_a_matrix_say_what_differs() {
    let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    let classes = |cells: [u64; 3]| {
        let [x, y, z] = cells;
        let cells = Cells::from([((0, 1), x), ((1, 2), y), ((2, 0), z)]);
        let given = Matrix { caption: "flows", corner: "", names: &names, cells: &cells };
        let html = page(vec![matrix(given)], "{}");
        let page = Page::read(&html);
        let cells = page.all("td").filter_map(|cell| cell.get("class"));
        let shades = cells.filter_map(|class| class.strip_prefix("n h")).map(str::to_owned);
        shades.collect::<Vec<_>>()
    };
    assert_eq!(classes([1000, 1100, 1400]), ["1", "3", "8"]);
    assert!(classes([1000, 1100, 1200]).is_empty(), "alike");
    assert!(classes([7, 7, 7]).is_empty(), "equal");
    assert_eq!(classes([1, 0, 900]), ["1", "8"]);
}

/// The largest flows come first, and rows of no node last.
#[test]
fn flows_of_nodes_are_those_of_their_rows() {
    let flow = |from: &str, to: &str, n| NodeFlow {
        from: Some(from.to_owned()).filter(|from| !from.is_empty()),
        to: Some(to.to_owned()),
        n,
    };
    let ids: Vec<String> = (0..50).map(|i| format!("n{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let groups = Groups::of_neighbours(&ids);
    assert_eq!((groups.of.as_str(), groups.names.len()), ("group of 2 nodes", 25));
    let mut flows = [flow("n0", "n2", 1), flow("n1", "n3", 2), flow("", "n49", 5)];
    let cells = NodeFlow::cells(flows.iter(), &groups);
    assert_eq!(cells, Cells::from([((0, 1), 3), ((25, 24), 5)]));
    NodeFlow::sort(&mut flows);
    assert_eq!(flows.map(|flow| flow.n), [5, 2, 1]);
    let few: Vec<&str> = ids.iter().take(40).copied().collect();
    assert!(Groups::of_neighbours(&few).are_nodes());
}

/// Every file of a folder of templates is one that the program knows, and every one is well-formed.
#[test]
fn every_template_is_well_formed() {
    Templates::new(&[]).map(|_| ()).expect("the shared templates");
    let folders = ["common/report", "plan/page", "key_movement/page"];
    let mut sources: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for folder in folders {
        let here = format!("{}/examples/{folder}/templates", env!("CARGO_MANIFEST_DIR"));
        let names = fs::read_dir(&here).expect("a folder").map(|file| {
            let file = file.expect("a file").path();
            let text = fs::read_to_string(&file).expect("UTF-8");
            let text: &'static str = Box::leak(text.into_boxed_str());
            if folder != "common/report" {
                let made = Templates::new(&[("it", text)]).map(|_| ());
                made.unwrap_or_else(|why| panic!("{}: {why}", file.display()));
            }
            file.file_stem().expect("a name").to_string_lossy().into_owned()
        });
        sources.push((folder, names.collect()));
    }
    let shared: BTreeSet<String> = SHARED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(sources[0].1, shared);
    let broken = Templates::new(&[("broken", "{% if x %}")]).map(|_| ()).expect_err("no end");
    assert!(broken.contains("broken"), "{broken}");
}

/// Spreadsheets take no name for a formula.
#[test]
fn cells_of_csv_files_are_text() {
    for (plain, cell) in [
        ("a", "a"),
        ("a-b=c", "a-b=c"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("=a,b", "\"'=a,b\""),
        ("a\"b", "\"a\"\"b\""),
    ] {
        assert_eq!(files::csv(plain), cell);
    }
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
