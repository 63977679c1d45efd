//! `okr checkin` changes only its line, and loses nothing.

use crate::harness::{Folder, okr};

const PLAN: &str = "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-04-10\nmetric m \"M\" 5 EUR
objective o \"O\" {\n  kr a \"A\" { baseline 10 ms; target 5 ms }   # odd   spacing
  kr d \"D\" { grading done }\n  kr s \"S\" { grading milestones \"alpha\" -> 0.5, \"live\" -> 1 }
  kr u \"U\" { target 5; actual 2 }\n}\n2026-01-10 checkin o.a 9 ms \"first\" # kept\n# the end\n";

/// A folder with the plan, and a call of `checkin` in it.
fn checkin(text: &str, arguments: &[&str]) -> (Folder, crate::harness::Done) {
    let folder = Folder::new().with("plan.okr", text);
    let done = folder.okr([&["checkin", "plan.okr"], arguments].concat()).run();
    (folder, done)
}

#[track_caller]
fn adds(text: &str, arguments: &[&str], line: &str, after: &str) {
    let (folder, done) = checkin(text, arguments);
    done.exits(0);
    let (before, rest) = text.split_at(text.find(after).expect("the line is there") + after.len());
    assert_eq!(folder.read("plan.okr"), format!("{before}{line}{rest}"));
}

#[test]
fn a_line_is_added_after_the_last_dated_one() {
    let arguments =
        ["o.a", "8 ms", "--date", "2026-01-12", "--confidence", "0.5", "--note", "so \"so\""];
    let line = "2026-01-12 checkin o.a 8 ms confidence 0.5 \"so \\\"so\\\"\"\n";
    adds(PLAN, &arguments, line, "# kept\n");
    let crlf = PLAN.replace('\n', "\r\n");
    adds(&crlf, &arguments, &line.replace('\n', "\r\n"), "# kept\r\n");
}

#[test]
fn without_dated_lines_it_goes_to_the_end() {
    let text = PLAN.replace("2026-01-10 checkin o.a 9 ms \"first\" # kept\n", "");
    adds(
        &text,
        &["o.d", "done", "--date", "2026-01-12"],
        "2026-01-12 checkin o.d done\n",
        "# the end\n",
    );
    let open = text.trim_end();
    let (folder, done) = checkin(open, &["m", "6", "EUR", "--date", "2026-01-12"]);
    done.exits(0);
    assert!(folder.read("plan.okr").starts_with(&format!("{open}\n2026-01-12 checkin m 6 EUR")));
}

#[test]
fn milestones_need_no_second_quotes() {
    adds(
        PLAN,
        &["o.s", "live", "--date", "2026-02-01"],
        "2026-02-01 checkin o.s \"live\"\n",
        "# kept\n",
    );
}

#[test]
fn replacing_changes_only_what_is_given() {
    let replace = ["o.a", "7 ms", "--date", "2026-01-10", "--replace"];
    let (folder, done) = checkin(PLAN, &replace);
    done.exits(0);
    assert_eq!(folder.read("plan.okr"), PLAN.replace("o.a 9 ms", "o.a 7 ms"));
    let more =
        [&replace[..], &["--expecting", "6 ms", "--confidence", "40%", "--note", "new"]].concat();
    let (folder, done) = checkin(PLAN, &more);
    done.exits(0);
    let wanted = "o.a 7 ms expecting 6 ms confidence 40% \"new\" # kept";
    assert_eq!(folder.read("plan.okr"), PLAN.replace("o.a 9 ms \"first\" # kept", wanted));
}

#[test]
fn what_would_not_be_sound_is_not_written() {
    let refused = [
        (vec!["o.a", "8 EUR"], "unit-mismatch"),
        (vec!["o.a", "done"], "wrong-observation"),
        (vec!["o.d", "1"], "wrong-observation"),
        (vec!["o.s", "beta"], "unknown-milestone"),
        (vec!["o.a", "8 ms\n2026-01-01 checkin o.a 3"], "line break"),
        (vec!["o.a", "8 ms # x"], "no value"),
        (vec!["o.a", "8 ms", "--confidence", "1.5"], "out-of-range"),
        (vec!["o.a", "8 ms", "--confidence", "0.5 \"x\""], "no value"),
        (vec!["o.u", "3"], "undated"),
        (vec!["o.z", "3"], "no `z`"),
        (vec!["o", "3"], "key result"),
    ];
    for (arguments, says) in refused {
        let dated = [&arguments[..], &["--date", "2026-01-15"]].concat();
        let (folder, done) = checkin(PLAN, &dated);
        done.exits(1).says(says);
        assert_eq!(folder.read("plan.okr"), PLAN, "{arguments:?}");
    }
    let (folder, done) = checkin(PLAN, &["o.a", "8 ms", "--date", "2026-01-10"]);
    done.exits(1).says("--replace");
    assert_eq!(folder.read("plan.okr"), PLAN);
    checkin(PLAN, &["o.a", "8 ms", "--date", "2026-02-30"]).1.exits(2);
    checkin(PLAN, &["o.a"]).1.exits(2);
}

#[test]
fn the_date_is_todays() {
    let (folder, done) = checkin(PLAN, &["o.a", "8 ms"]);
    done.exits(0);
    let text = folder.read("plan.okr");
    let line = text.lines().find(|line| line.ends_with("checkin o.a 8 ms")).expect("a new line");
    assert!(line.starts_with("20") && line.len() > 20, "{line}");
}

#[test]
fn the_line_goes_into_the_file_of_the_key_result() {
    let root = "okr 1\ninclude \"parts/goals.okr\"\n2026-01-02 checkin o.a 1\n";
    let goals =
        "cycle c \"C\" 2026-01-01 .. 2026-04-10\nobjective o \"O\" { kr a \"A\" { target 5 } }\n";
    let folder = Folder::new().with("plan.okr", root).with("parts/goals.okr", goals);
    folder.okr(["checkin", "plan.okr", "o.a", "3", "--date", "2026-01-09"]).run().exits(0);
    assert_eq!(folder.read("plan.okr"), root);
    assert_eq!(folder.read("parts/goals.okr"), format!("{goals}2026-01-09 checkin o.a 3\n"));
}

/// The check-in of a day need not stand in the file of its key result.
#[test]
fn a_check_in_is_replaced_in_the_file_where_it_stands() {
    let root = "okr 1\ninclude \"goals.okr\"\n2026-01-02 checkin o.a 1 ms \"first\"\n";
    let goals = "# goals, longer than the other file, so that places differ\n\
        cycle c \"C\" 2026-01-01 .. 2026-04-10\nobjective o \"O\" { kr a \"A\" { target 5 ms } }\n";
    let folder = Folder::new().with("plan.okr", root).with("goals.okr", goals);
    let call = ["checkin", "plan.okr", "o.a", "3 ms", "--date", "2026-01-02", "--replace"];
    folder.okr(call).run().exits(0).says("plan.okr: checked in o.a");
    assert_eq!(folder.read("plan.okr"), root.replace("1 ms", "3 ms"));
    assert_eq!(folder.read("goals.okr"), goals);
}

#[test]
fn a_value_may_begin_with_a_minus() {
    for value in [&["-5 ms"][..], &["-5", "ms"], &["-5ms"], &["-(1 + 4) * 1 ms"]] {
        let line = format!("2026-01-12 checkin o.a {}\n", value.join(" "));
        let before = [&["--date", "2026-01-12", "o.a"], value].concat();
        adds(PLAN, &before, &line, "# kept\n");
        adds(PLAN, &[&["o.a"], value, &["--date", "2026-01-12"]].concat(), &line, "# kept\n");
    }
    checkin(PLAN, &["o.a", "--dat", "5"]).1.exits(2).says("no option `--dat`");
    checkin(PLAN, &["o.a", "5", "--dat"]).1.exits(2);
}

#[test]
fn a_refusal_says_why_once() {
    let dated = ["--date", "2026-01-12"];
    let said = |arguments: &[&str]| {
        let (folder, done) = checkin(PLAN, &[arguments, &dated].concat());
        assert_eq!(folder.read("plan.okr"), PLAN);
        done.exits(1).stderr().to_owned()
    };
    assert_eq!(
        said(&["o.a", "8 ms\n9"]),
        "okr: the value has a line break, and a check-in is one line: leave it out\n"
    );
    assert_eq!(said(&["o.a", "(8 +\n 1) * 1 ms"]), said(&["o.a", "8 ms\n9"]));
    assert!(said(&["o.a", "8 ms", "--expecting", "(8 +\r\n 1)"]).contains("line break"));
    for arguments in [&["o.a", "8 8"][..], &["o.a", "8 ms", "--confidence", "1 1"]] {
        assert_eq!(said(arguments).matches("is no value").count(), 1);
    }
}

#[test]
fn standard_input_goes_to_standard_output() {
    let ran =
        okr(["checkin", "-", "o.a", "8 ms", "--date", "2026-01-12"]).stdin(PLAN).run().exits(0);
    assert_eq!(ran.stdout(), PLAN.replace("# kept\n", "# kept\n2026-01-12 checkin o.a 8 ms\n"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new().with("real/plan.okr", PLAN);
    let real = folder.path().join("real/plan.okr");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).expect("a mode is set");
    symlink(&real, folder.path().join("link.okr")).expect("a link is made");
    folder.okr(["checkin", "link.okr", "o.a", "3 ms", "--date", "2026-01-19"]).run().exits(0);
    let meta = std::fs::symlink_metadata(folder.path().join("link.okr")).expect("the link");
    assert!(meta.is_symlink());
    assert!(folder.read("real/plan.okr").contains("2026-01-19 checkin o.a 3 ms"));
    let mode = std::fs::metadata(&real).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}
