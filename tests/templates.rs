//! The starter plans that `okr new` prints.

use crate::harness::{self, Folder, okr};

const FOLDER: &str = "src/command/templates";

/// The name of each template with its text.
fn templates() -> Vec<(String, String)> {
    let named = |path: std::path::PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy();
        (name.into_owned(), harness::read(&path))
    };
    harness::plans(FOLDER).into_iter().map(named).collect()
}

#[test]
fn each_is_printed_as_it_is() {
    for (name, text) in templates() {
        let done = okr(["new", "--template", &name]).run().exits(0).says_nothing();
        assert_eq!(done.stdout(), text, "{name}");
    }
    assert!(templates().len() >= 5);
}

#[test]
fn the_starter_is_the_default() {
    let starter = okr(["new", "--template", "starter"]).run().exits(0);
    assert_eq!(okr(["new"]).run().exits(0).stdout(), starter.stdout());
}

#[test]
fn each_has_no_problems_not_even_warnings() {
    for (_, text) in templates() {
        okr(["check", "--strict", "-"]).stdin(text).run().exits(0).prints("no problems");
    }
}

#[test]
fn each_is_laid_out() {
    for (name, text) in templates() {
        let done = okr(["fmt", "-"]).stdin(text.as_str()).run().exits(0);
        assert_eq!(done.stdout(), text, "{name}");
    }
}

/// The first cycle in what `okr grade` says about a plan.
fn first_cycle(text: &str) -> serde_json::Value {
    let done = okr(["grade", "--format", "json", "-"]).stdin(text).run().exits(0);
    let report: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
    report["cycles"][0].clone()
}

/// Whoever tries a template should see figures at once.
#[test]
fn each_has_a_grade() {
    for (name, text) in templates() {
        assert!(first_cycle(&text)["grade"].is_number(), "{name}");
    }
}

#[test]
fn the_starter_shows_its_assertion_and_lands_in_the_sweet_spot() {
    let text = okr(["new"]).run().exits(0).stdout().to_owned();
    okr(["check", "-"]).stdin(text.as_str()).run().exits(0).prints("the assertion holds");
    assert_eq!(first_cycle(&text)["sweet_spot"], "in");
}

#[test]
fn a_file_is_written_once() {
    let folder = Folder::new().with("old.okr", "okr 1\n");
    folder.okr(["new", "q1.okr", "--template", "minimal"]).run().exits(0).says("q1.okr");
    let minimal = okr(["new", "--template", "minimal"]).run();
    assert_eq!(folder.read("q1.okr"), minimal.stdout());
    folder.okr(["new", "old.okr"]).run().exits(4).says("old.okr");
    assert_eq!(folder.read("old.okr"), "okr 1\n");
}
