//! The example `resharding`, run as a program: it ends well, and its figures fit each other.

use crate::support::program::{Program, finish};

static PROGRAM: Program = Program::new("resharding");

/// How a run ended: status, standard output, standard error.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = finish(PROGRAM.command(args), b"");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The number that follows a text on its line.
fn after(text: &str, what: &str) -> u64 {
    let (_, rest) = text.split_once(what).unwrap_or_else(|| panic!("{what}: {text}"));
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    digits.parse().unwrap_or_else(|_| panic!("{what}: {text}"))
}

/// All numbers before a text, in the order of the lines.
fn before(text: &str, what: &str) -> Vec<u64> {
    let words = |part: &str| part.rsplit(' ').next().and_then(|word| word.parse().ok());
    let parts: Vec<&str> = text.split(what).collect();
    parts.iter().take(parts.len() - 1).filter_map(|part| words(part.trim_end())).collect()
}

fn check(nodes: u64, partitions: u64, keys: u64, clients: u64, seed: u64) {
    let options = [
        ("--nodes", nodes),
        ("--partitions", partitions),
        ("--keys", keys),
        ("--clients", clients),
        ("--seed", seed),
    ];
    let args = options.map(|(option, value)| format!("{option}={value}"));
    let (status, said, errors) = run(&args.each_ref().map(String::as_str));
    let context = format!("{args:?}: {said}{errors}");
    // No progress bar and no colours where nobody looks.
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{context}");
    assert!(!said.contains(['\u{1b}', '\r']), "{context}");
    let too_wide = said.lines().find(|line| line.chars().count() > 140);
    assert_eq!(too_wide, None, "{context}");

    assert!(said.contains(&format!("n{nodes} joins: ")), "{context}");
    assert!(said.contains("n0 is drained: "), "{context}");
    assert!(said.contains(&format!("n{} crashed after ", nodes / 2)), "{context}");
    assert!(said.contains("the coordinator crashed after "), "{context}");
    assert!(after(&said, "writes acknowledged") > 0 && after(&said, "reads checked") > 0);
    assert_eq!(after(&said, "replicas at the end"), 3 * keys, "{context}");
    let copied = after(&said, "partitions copied");
    let needed = before(&said, " transfers in ");
    let void = after(&said, "of these in vain");
    assert_eq!(needed.len(), 3, "{context}");
    // The first migration is made to its end, and the third one; of the second one a part.
    let least = needed[0] + needed[2];
    assert!((least..=least + needed[1]).contains(&(copied - void)), "{context}");
    assert!(after(&said, "keys copied") >= copied * (keys / partitions) / 2, "{context}");
}

#[test]
fn nothing_is_lost_and_nothing_unneeded_is_copied() {
    check(6, 64, 5_000, 4, 1);
    check(4, 16, 1_000, 1, 2);
    check(9, 32, 3_000, 8, 3);
}

#[test]
fn too_few_keys_are_refused() {
    let (status, said, errors) = run(&["--keys=20", "--partitions=64"]);
    assert_eq!((status, said.as_str(), errors.lines().count()), (Some(2), "", 1), "{errors}");
    assert!(errors.starts_with("resharding: --keys 20: "), "{errors}");
}
