//! `samples/errors/`: one mistake a file, named by the id of its problem. Each is reported once, at
//! its place, without others that only follow from it; the whole output is kept as a snapshot.

use crate::harness::{Folder, okr, read, root};
use okr::diagnostic::{Kind, MAX_PROBLEMS, Severity};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Their problems are those of a text that is too long to be a sample.
const WITHOUT_A_FILE: [&str; 1] = ["too-many-problems"];

/// The folder of the mistakes, in which the program runs, so that no path of the machine is printed.
fn folder() -> PathBuf {
    root().join("samples/errors")
}

/// The names of the files without `.okr`, in order.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder is there").flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().expect("a name is UTF-8");
        name.strip_suffix(".okr").map(str::to_owned)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The kind of the problem that a file shows: its name up to a `--`.
fn kind(name: &str) -> Kind {
    let id = name.split_once("--").map_or(name, |(id, _)| id);
    Kind::from_id(id).unwrap_or_else(|| panic!("{name}.okr is not named by the id of a problem"))
}

/// What a file needs beside it that is too much to keep: a thousand files, each including the next.
fn made(name: &str) -> Option<Folder> {
    (name == "include-limit").then(|| {
        let file = format!("{name}.okr");
        let folder = Folder::new().with(&file, read(self::folder().join(&file)));
        (1..=1000).fold(folder, |folder, at| {
            let text = format!("include \"{}.okr\"\n", at + 1);
            folder.with(&format!("include/many/{at}.okr"), text)
        })
    })
}

/// Checks a file alone; gives what is printed as text and the problems.
fn check(name: &str) -> (String, Vec<Value>) {
    let made = made(name);
    let folder = made.as_ref().map_or_else(folder, |made| made.path().to_owned());
    let status = i32::from(kind(name).severity() == Severity::Error);
    let file = format!("{name}.okr");
    let text = okr(["check", &file]).within(&folder).run().exits(status).says_nothing();
    let json = okr(["check", &file, "--format", "json"]).within(&folder).run().exits(status);
    let problems = json.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON"));
    // A plan that is sound otherwise gets the coach's advice, too.
    let problems = problems.filter(|problem: &Value| problem["severity"] != "advice");
    (text.stdout().to_owned(), problems.collect())
}

#[test]
fn each_file_has_its_one_problem() {
    let mut printed = String::new();
    for name in names() {
        let (text, problems) = check(&name);
        let ids: Vec<&str> = problems.iter().filter_map(|problem| problem["id"].as_str()).collect();
        assert_eq!(ids, [kind(&name).id()], "{name}.okr\n{text}");
        let [file, line, column] = ["file", "line", "column"].map(|key| match &problems[0][key] {
            Value::String(text) => text.clone(),
            number => number.to_string(),
        });
        assert!(text.contains(&format!(" {file}:{line}:{column}\n")), "{name}.okr\n{text}");
        printed += &text;
        printed.push('\n');
    }
    insta::assert_snapshot!("errors", printed);
}

#[test]
fn each_kind_has_a_file() {
    let names = names();
    for known in Kind::ALL.iter().filter(|known| !WITHOUT_A_FILE.contains(&known.id())) {
        assert!(names.iter().any(|name| kind(name) == *known), "{}.okr is missing", known.id());
    }
}

#[test]
fn each_file_says_what_is_wrong_on_top() {
    for name in names() {
        let bytes = fs::read(folder().join(format!("{name}.okr"))).expect("the file is there");
        assert!(bytes.starts_with(b"# "), "{name}.okr has no comment on top");
    }
}

#[test]
fn of_very_many_problems_the_first_are_shown() {
    let text = "okr 1\n".to_owned() + &"nonsense\n".repeat(2 * MAX_PROBLEMS);
    let ran = okr(["check", "-", "--format", "json"]).stdin(text).run().exits(1);
    let lines: Vec<&str> = ran.stdout().lines().collect();
    assert_eq!(lines.len(), MAX_PROBLEMS + 1);
    let last: Value = serde_json::from_str(lines[MAX_PROBLEMS]).expect("JSON");
    assert_eq!(last["id"], "too-many-problems");
}

#[test]
fn a_file_over_64_mb_cannot_be_included() {
    let folder = Folder::new().with("plan.okr", "okr 1\ninclude \"large.okr\"\n");
    let large = fs::File::create(folder.path().join("large.okr")).expect("a file can be made");
    large.set_len((64 << 20) + 1).expect("a file can have a hole");
    folder.okr(["check", "plan.okr"]).run().exits(1).prints("error[include-limit]");
}
