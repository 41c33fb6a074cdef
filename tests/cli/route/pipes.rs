//! Who reads and who waits.

use super::{ROUTE, finish, run};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

const NODES: [&str; 4] = ["--node", "a", "--node", "b"];

#[test]
fn a_closed_pipe_ends_quietly() {
    let lines = b"0123456789abcdef\n".repeat(50_000);
    for option in ["--hasher=xxh3", "--batch", "--replicas=2", "--help"] {
        let mut command = ROUTE.command(&[&NODES[..], &[option]].concat());
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the example starts");
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().expect("a pipe");
        let _ = stdin.write_all(&lines);
        drop(stdin);
        let ended = child.wait_with_output().expect("the example ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{option}");
    }
}

#[test]
fn an_answer_does_not_wait_for_the_next_question() {
    for option in ["--hasher=xxh3", "--batch"] {
        let mut command = ROUTE.command(&[&NODES[..], &[option]].concat());
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.spawn().expect("the example starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, answers) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok());
        });
        for (question, beginning) in [("one\n", "one"), ("two\r\n", "two"), ("three\nfo", "three")]
        {
            stdin.write_all(question.as_bytes()).expect("it listens");
            let answer = answers.recv_timeout(Duration::from_secs(60)).expect("an answer");
            assert!(answer.starts_with(&format!("{beginning}\t")), "{answer:?}");
        }
        stdin.write_all(b"ur").expect("it listens");
        drop(stdin);
        let answer = answers.recv_timeout(Duration::from_secs(60)).expect("an answer");
        assert!(answer.starts_with("four\t"), "{answer:?}");
        reader.join().expect("no more answers");
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
fn help() {
    for option in ["--help", "-h"] {
        let help = run(&[option], b"key\n");
        let text = String::from_utf8(help.stdout).expect("UTF-8");
        assert_eq!((help.status.code(), help.stderr.as_slice()), (Some(0), &b""[..]));
        let options = ["algorithm", "node", "replicas", "hasher", "buckets", "weights", "hex"];
        for option in options.iter().chain(&["raw", "batch", "ratio", "mode", "over", "help"]) {
            assert!(text.contains(&format!("--{option}")), "{option}");
        }
        assert!(apportion::Algorithm::NAMES.iter().all(|name| text.contains(name)));
        assert!(text.lines().all(|line| line == line.trim_end() && line.chars().count() <= 80));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_does_not_fit() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let mut command = ROUTE.command(&NODES);
    let script = command.stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped());
    let mut child = script.spawn().expect("the example starts");
    child.stdin.take().expect("a pipe").write_all(b"key\n").expect("it listens");
    let ended = child.wait_with_output().expect("the example ends");
    let said = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!(ended.status.code(), Some(2));
    assert!(said.starts_with("route: standard output: ") && said.lines().count() == 1, "{said}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_text() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let bytes = || OsString::from_vec(b"a\xffb".to_vec());
    for option in ["--algorithm", "--node", "--replicas", "--hasher", "--buckets"] {
        let ended = finish(ROUTE.command(&[OsString::from(option), bytes()]), b"key\n");
        let said = String::from_utf8(ended.stderr).expect("UTF-8");
        assert_eq!((ended.status.code(), ended.stdout.as_slice()), (Some(2), &b""[..]));
        assert_eq!(said, format!("route: {option} \"a\\xFFb\": not UTF-8\n"));
    }
    assert_eq!(finish(ROUTE.command(&[bytes()]), b"").status.code(), Some(2));
}
