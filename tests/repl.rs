//! Lines from a pipe, and what an edit does to the file.

use crate::harness::{Done, Folder};

const PLAN: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
team web \"Web\" { people 4; bucket run 40%; bucket build rest }
objective speed \"Fast\" {
  owner web
  kr latency \"p95\" { baseline 900 ms; target 400 ms } # soon
  kr load \"Load\" { target 10; actual 5 }
  kr live \"Live\" { grading done }
  kr beta \"Beta\" { grading milestones \"alpha\" -> 0.3, \"beta\" -> 1 }
}
2026-02-01 checkin speed.latency 600 ms confidence 0.5 \"EU\"
2026-02-15 checkin speed.latency 550 ms
2026-02-10 amended speed.latency.target 450 ms
metric arr \"Revenue\" 4.2M EUR

scenario easy \"Easier\" {
  set speed.latency.target = 500 ms
}
";

fn folder() -> Folder {
    Folder::new().with("q1.okr", PLAN)
}

fn lines(folder: &Folder, lines: &str) -> Done {
    folder.okr(["repl", "q1.okr"]).stdin(lines).run()
}

/// The file after these lines and `:save`.
#[track_caller]
fn saved(text: &str) -> String {
    let folder = folder();
    lines(&folder, &format!("{text}\n:save\n")).exits(0);
    folder.read("q1.okr")
}

#[test]
fn set_changes_the_bytes_of_the_value_in_force() {
    let with = |old: &str, new: &str| {
        assert_eq!(PLAN.matches(old).count(), 1, "{old}");
        PLAN.replace(old, new)
    };
    for (line, after) in [
        (":set speed.latency.baseline 1 s", with("baseline 900 ms", "baseline 1 s")),
        // The newest amendment up to the as-of date, else the field.
        (":set speed.latency.target 420", with("target 450 ms", "target 420 ms")),
        (
            ":as-of 2026-02-05\n:set speed.latency.target 420",
            with("target 400 ms", "target 420 ms"),
        ),
        (":set speed.load.actual 7", with("actual 5", "actual 7")),
        (":set speed.load.target arr / 1M EUR", with("target 10", "target arr / 1M EUR")),
        (":set speed.latency.actual 500", with("550 ms", "500 ms")),
        (":set arr 4.3M", with("4.2M EUR", "4.3M EUR")),
        (":set web.run.share 30%", with("run 40%", "run 30%")),
        (":set web.build.share 20%", with("build rest", "build 20%")),
        // What is missing is added.
        (":set speed.load.weight 2", with("actual 5 }", "actual 5; weight 2 }")),
        (":set speed.weight 2", with("-> 1 }\n}", "-> 1 }\n  weight 2\n}")),
        (":set web.focus 80%", with("bucket build rest }", "bucket build rest; focus 80% }")),
        (
            ":as-of 2026-02-20\n:set speed.latency.actual 500 ms",
            with("target 450 ms\n", "target 450 ms\n2026-02-20 checkin speed.latency 500 ms\n"),
        ),
        (
            ":set speed.live.actual done",
            with("target 450 ms\n", "target 450 ms\n2026-02-15 checkin speed.live done\n"),
        ),
        (
            ":set speed.beta.actual alpha",
            with("target 450 ms\n", "target 450 ms\n2026-02-15 checkin speed.beta \"alpha\"\n"),
        ),
        // Fields that are no cells.
        (":set speed.lead Ada", with("-> 1 }\n}", "-> 1 }\n  lead \"Ada\"\n}")),
        (":set speed.load.due 2026-03-15", with("actual 5 }", "actual 5; due 2026-03-15 }")),
        (":set speed.kind committed", with("-> 1 }\n}", "-> 1 }\n  kind committed\n}")),
        // In a scenario it is the scenario's line.
        (":scenario easy\n:set speed.latency.target 520", with("= 500 ms", "= 520 ms")),
        (
            ":scenario easy\n:set web.people 5",
            with("= 500 ms\n", "= 500 ms\n  set web.people = 5\n"),
        ),
    ] {
        assert_eq!(saved(line), after, "{line}");
    }
}

#[test]
fn what_cannot_be_set_is_said() {
    let folder = folder();
    for (line, says) in [
        (":set speed.grade 1", "is computed and cannot be set"),
        (":set speed.latenc.target 1 ms", "did you mean `speed.latency`"),
        (":set speed.latency 1 ms", "name one of its cells"),
        (":set easy 1", ":scenario easy"),
        (":set speed.latency.target 3 EUR", "unit-mismatch"),
        (":set speed.latency.target 3 ms; weight 2", "is no value"),
        (":set web.run.share 300%", "shares-over"),
        (":set speed.live.actual 3", "done"),
        (":set speed.owner nobody", "nobody"),
        (":set speed.lead a{b", "more than one value"),
        ("speed.latency.target = 3 ms", ":set speed.latency.target 3 ms"),
        ("objective speed \"Again\"", "duplicate-name"),
        ("objective x \"X\" { kr a \"A\" { target y } }", "unknown-name"),
        ("grade", "`:grade`"),
        (":graed", "`:grade`"),
        (":run x", "run `okr run`"),
        (":help nothing-like-it", "no help"),
    ] {
        let ran = lines(&folder, &format!("{line}\n:diff\n:save\n")).exits(1);
        ran.says(says);
        assert_eq!(folder.read("q1.okr"), PLAN, "{line}");
        let on = folder.okr(["repl", "q1.okr", "--keep-going"]);
        let ran = on.stdin(format!("{line}\n:diff\n:save\n")).run().exits(1);
        ran.says("nothing to save");
        assert_eq!(folder.read("q1.okr"), PLAN, "{line}");
    }
}

#[test]
fn statements_go_where_they_belong() {
    let after = saved(
        "2026-02-28 checkin speed.latency 520 ms # good\n\n# a remark\nobjective calm \"Calm\" {\n\n  kr a \"A\" { target 1\n    actual 1 }\n}\nmetric m \"M\" max(1,\n 2)\n",
    );
    let dated = PLAN.replace(
        "target 450 ms\n",
        "target 450 ms\n2026-02-28 checkin speed.latency 520 ms # good\n",
    );
    let block = "\nobjective calm \"Calm\" {\n\n  kr a \"A\" { target 1\n    actual 1 }\n}\n";
    assert_eq!(after, format!("{dated}{block}\nmetric m \"M\" max(1,\n 2)\n"));
}

#[test]
fn statements_about_an_included_file_go_there() {
    let folder = Folder::new()
        .with("q1.okr", "okr 1\r\ninclude \"more.okr\"\r\nmetric a \"A\" 1\r\n")
        .with("more.okr", "objective o \"O\" { kr a \"A\" { target 4 } }");
    let text = "2026-01-01 checkin o.a 3\nmetric b \"B\" 2\n:set o.a.target 6\n:diff\n:save\n";
    let ran = lines(&folder, text).exits(0);
    ran.prints("--- more.okr (saved)").prints("+++ q1.okr").says("more.okr: saved");
    let more = "objective o \"O\" { kr a \"A\" { target 6 } }\n2026-01-01 checkin o.a 3\n";
    assert_eq!(folder.read("more.okr"), more);
    assert_eq!(
        folder.read("q1.okr"),
        "okr 1\r\ninclude \"more.okr\"\r\nmetric a \"A\" 1\r\nmetric b \"B\" 2\r\n"
    );
}

#[test]
fn formulas_have_values_with_units() {
    let folder = folder();
    for (formula, value) in [
        ("speed.latency.actual", "550 ms"),
        ("speed.latency.actual - 50 ms", "500 ms"),
        ("arr * 5%", "210000 EUR"),
        ("1/3", "0.3333333333"),
        ("web.run.share", "0.4"),
        ("speed.load.actual >= 5", "true"),
        ("not speed.load.actual >= 5", "false"),
        ("speed.live.grade", "no data"),
        ("3.4%", "3.4%"),
        ("0.1 + 0.2", "0.3"),
        ("2 h + 30 min", "2.5 h"),
        ("arr / 1 ms", "EUR/ms"),
        ("if(speed.grade > 0.1, 1, 0)", "1"),
    ] {
        lines(&folder, formula).exits(0).prints(value);
    }
    lines(&folder, "arr + 3 ms").exits(1).says("unit-mismatch").says("input:1:5");
    lines(&folder, "1 / 0").exits(1).says("division by zero");
    lines(&folder, "speed.latency").exits(1).says("speed.latency.actual");
    lines(&folder, "1 +").exits(1).says("error[");
    lines(&folder, "1; 2").exits(1).says("error[");
    lines(&folder, "1 + 1 \"why\"").exits(1).says("one formula at a time");
}

#[test]
fn everything_can_be_undone() {
    let edits = [
        ":set speed.load.actual 7",
        ":set speed.load.actual 8",
        "metric x \"X\" 1",
        ":set x 2",
        ":checkin speed.latency 500 ms --date 2026-02-20",
        ":fmt",
        ":set speed.latency.target 410 ms",
    ];
    let folder = folder();
    let count = edits.len();
    let script = format!("{}\n:undo {count}\n:diff\n:redo {count}\n:save\n", edits.join("\n"));
    let ran = lines(&folder, &script).exits(0);
    ran.says("nothing has changed since the plan was saved").says("undone: fmt");
    let after = folder.read("q1.okr");
    let one_by_one = Folder::new().with("q1.okr", PLAN);
    for edit in edits {
        lines(&one_by_one, &format!("{edit}\n:save\n")).exits(0);
    }
    assert_eq!(after, one_by_one.read("q1.okr"));
    lines(&folder, ":undo\n").exits(1).says("nothing to undo");
}

#[test]
fn the_first_error_ends_the_lines() {
    let folder = folder();
    let ran = lines(&folder, "1 + 1\n1 + x\n2 + 2\n").exits(1);
    assert_eq!(ran.stdout(), "2\n");
    ran.says("stopped at line 2");
    let on = folder.okr(["repl", "q1.okr", "--keep-going"]);
    assert_eq!(on.stdin("1 + 1\n1 + x\n2 + 2\n").run().exits(1).stdout(), "2\n4\n");
    lines(&folder, ":grade --fail-under 1 --quiet\n").exits(1);
    lines(&folder, ":dance\n").exits(1);
    lines(&folder, "objective x \"X\" {\n kr\n").exits(1).says("left open");
    folder.okr(["repl", "none.okr"]).stdin("").run().exits(4).says("okr new none.okr");
    folder.okr(["repl", "-"]).stdin("").run().exits(2);
    lines(&folder, ":set speed.load.actual 7\n").exits(0).says("not saved");
    folder.okr([""; 0]).stdin("1 + 1\n").run().exits(0).prints("2");
    let bytes: &[u8] = b"1 + 1\n\xff\xfe\n";
    folder.okr(["repl", "q1.okr"]).stdin(bytes).run().exits(1).prints("2").says("UTF-8");
}

#[test]
fn a_block_with_a_mistake_does_not_swallow_what_follows() {
    let folder = folder();
    let text = "objective x \"X\" {\n  kr a \"A\" { target (1 }\n\n:grade --format csv\n1 + 1\n";
    let on = folder.okr(["repl", "q1.okr", "--keep-going"]);
    on.stdin(text).run().exits(1).says("left open").prints("speed.load").prints("2\n");
}

#[test]
fn whole_samples_can_be_piped() {
    for path in crate::harness::plans("samples") {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.components().any(|it| it.as_os_str() == "errors" || it.as_os_str() == "multi") {
            continue;
        }
        let text = crate::harness::read(&path);
        let folder = Folder::new().with("sample.okr", &text);
        let typed = folder.okr([""; 0]).stdin(format!("{text}\n:grade --format json\n")).run();
        assert_eq!(typed.code(), 0, "{name}: {}", typed.whole());
        let graded = folder.okr(["grade", "sample.okr", "--format", "json"]).run().exits(0);
        assert!(typed.stdout().ends_with(graded.stdout()), "{name}");
    }
}

#[test]
fn lines_can_come_from_a_file() {
    let folder = folder()
        .with("more.txt", "1 + 1\n:source deeper.txt\n")
        .with("deeper.txt", ":set speed.load.actual 9\n")
        .with("round.txt", ":source round.txt\n");
    lines(&folder, ":source more.txt\n:undo\n").exits(0).prints("2").prints("0.50 → 0.90");
    lines(&folder, ":source none.txt\n").exits(1).says("no such file");
    lines(&folder, ":source round.txt\n").exits(1).says("files deep");
}

#[test]
fn a_scenario_and_a_day_hold_until_they_change() {
    let folder = folder();
    let text = "speed.latency.grade\n:scenario easy\nspeed.latency.grade\n:grade --format json\n:grade speed --scenario base\n:scenario base\n:as-of 2026-02-05\nspeed.latency.actual\n:as-of default\nspeed.latency.actual\n";
    let ran = lines(&folder, text).exits(0);
    ran.prints("0.7777777778\n0.875")
        .prints("\"scenario\": \"easy\"")
        .prints("600 ms")
        .prints("550 ms");
    lines(&folder, ":scenario eas\n").exits(1).says("did you mean `easy`");
    lines(&folder, ":as-of soon\n").exits(1).says("YYYY-MM-DD");
    let with = folder.okr(["repl", "q1.okr", "--as-of", "2026-02-05", "--format", "csv"]);
    with.stdin("speed.latency.actual\n:grade\n")
        .run()
        .exits(0)
        .prints("600 ms")
        .prints("speed.latency,");
}

#[test]
fn broken_assertions_are_shown() {
    let folder =
        Folder::new().with("q1.okr", format!("{PLAN}assert speed.load.grade >= 0.5 \"more!\"\n"));
    let ran = lines(&folder, ":set speed.load.actual 4\n:set speed.load.actual 3\n:undo\n:undo\n");
    let ran = ran.exits(0);
    assert_eq!(ran.stderr().matches("does not hold").count(), 1, "{}", ran.whole());
}

#[test]
fn a_file_that_changed_is_not_overwritten() {
    let folder = folder();
    let ran = lines(&folder, ":set speed.load.actual 7\n:save\n:set speed.load.actual 8\n:save\n");
    ran.exits(0);
    assert_eq!(folder.read("q1.okr"), PLAN.replace("actual 5", "actual 8"));
    lines(
        &folder,
        ":set speed.load.actual 6\n:save q1b.okr\n:diff\n:set speed.load.actual 7\n:save\n",
    )
    .exits(0)
    .says("q1b.okr: saved");
    assert_eq!(folder.read("q1b.okr"), PLAN.replace("actual 5", "actual 7"));
    lines(&folder, ":save q1b.okr\n").exits(1).says("exists already");
    lines(&folder, ":save q1b.okr --force\n").exits(0);
    folder.okr([""; 0]).stdin("metric a \"A\" 1\n:save\n").run().exits(1).says("no file yet");
    let ran = folder.okr([""; 0]).stdin("metric a \"A\" 1\n:save new.okr\n").run().exits(0);
    ran.says("new.okr: saved");
    assert_eq!(folder.read("new.okr"), "okr 1\n\nmetric a \"A\" 1\n");
}

#[test]
fn help_tells_of_commands_and_words() {
    let folder = folder();
    lines(&folder, ":help\n").exits(0).prints(":set PATH VALUE").prints(":grade [PATH]");
    lines(&folder, ":help grade\n").exits(0).prints("Usage: :grade [OPTIONS] [PATH]");
    lines(&folder, ":help :set\n").exits(0).prints("Usage: :set");
    lines(&folder, ":help kr\n").exits(0).prints("kr ID \"Title\"");
    lines(&folder, ":help clamp\n").exits(0).prints("clamp(x, low, high)");
    lines(&folder, ":help pace\n").exits(0).prints("of a key result");
    lines(&folder, ":grade --hlp\n").exits(1).says("Usage: :grade");
}

#[test]
fn scripts_say_what_cannot_stand_there() {
    let folder = Folder::new()
        .with("s.okr", format!("{PLAN}:set speed.load.actual 7\n:grade speed.load --format csv\n"));
    folder.okr(["run", "s.okr"]).run().exits(0).prints("0.50 → 0.70").prints("0.7,green");
    assert!(folder.read("s.okr").contains("actual 7"));
    for (line, says) in [
        (":new x.okr", "okr new"),
        (":fmt", "okr fmt"),
        (":save", "at the prompt alone"),
        (":garde", "`:grade`"),
    ] {
        let text = format!("{PLAN}{line}\n");
        folder.okr(["run", "-"]).stdin(text).run().exits(2).says(says).says("the script stops");
    }
    folder.okr(["run", "-"]).stdin(PLAN).run().exits(0).says("no `:` lines");
    let text = format!(
        "{PLAN}:checkin speed.load 3 --date 2026-03-01 --note \"much longer than before\"\n:as-of 2026-02-05\n:grade speed.latency --format csv\n"
    );
    folder.okr(["run", "-"]).stdin(text.replace("; actual 5", "")).run().exits(0).prints(",600,");
    let with = folder.okr(["run", "-", "--as-of", "2026-02-05", "--format", "csv"]);
    with.stdin(format!("{PLAN}:grade speed.latency\n:help grade\n")).run().exits(0).prints(",600,");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    use std::fs::File;
    use std::process::Command;
    let folder = folder();
    let full = File::create("/dev/full").expect("Linux has it");
    let mut command = Command::new(env!("CARGO_BIN_EXE_okr"));
    let done = command.args(["grade", "q1.okr"]).current_dir(folder.path()).stdout(full).output();
    let done = done.expect("the program runs");
    assert_eq!(done.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&done.stderr).contains("could not be written"));
}
