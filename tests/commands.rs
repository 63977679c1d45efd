//! Commands from outside: exit statuses, streams, scripts.

use crate::harness::{Folder, okr};

const PLAN: &str = "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-04-10
objective o \"O\" { kr a \"A\" { target 10; actual 6 } }\n";

#[test]
fn a_command_that_nobody_knows_is_said_before_it_is_run() {
    let plan = "okr 1\n:grade\n:grad o\n:whatif x\n:help\n";
    let done = okr(["check", "-"]).stdin(plan).run().exits(0);
    let done = done.prints("warning[bad-command]: there is no command `grad`").prints("`:grade`?");
    assert_eq!(done.stdout().matches("bad-command").count(), 1);
    okr(["check", "-", "--strict"]).stdin(plan).run().exits(1);
}

/// A plan with one error, whose message would steer a terminal.
const WRONG: &str = "okr 1\n2026-01-01 checkin o.a 1 \"note\" \u{7f}\u{9b}\u{202e}\n";

#[test]
fn problems_come_in_every_form() {
    let check = |form: &str| {
        let done = okr(["check", "-", "--format", form]).stdin(WRONG).run().exits(1);
        assert!(!done.stdout().contains(['\u{7f}', '\u{9b}', '\u{202e}']));
        done.says_nothing()
    };
    let json = check("json");
    assert!(json.stdout().lines().all(|line| line.starts_with('{') && line.ends_with('}')));
    let csv = check("csv");
    let mut lines = csv.stdout().lines();
    let head = "id,severity,file,line,column,end_line,end_column,message,help";
    assert_eq!(lines.next(), Some(head));
    assert!(lines.any(|line| line.starts_with("expected,error,'-,2,")));
    check("md").prints("# -\n").prints("| `-:2:").prints(" | error | `expected` |");
    let two = okr(["check", "-", "samples/first-steps.okr", "--format", "csv"]).stdin(WRONG);
    let two = two.within(crate::harness::root()).run().exits(1);
    assert_eq!(two.stdout().matches(head).count(), 1);
}

#[test]
fn explanations_come_in_every_form() {
    okr(["explain", "bad-id", "--format", "csv"]).run().exits(0).prints("bad-id,error,");
    okr(["explain", "bad-id", "--format", "md"]).run().exits(0).prints("# bad-id\n\n*error*");
    let plan = "okr 1\nobjective o \"O\" { kr a \"A\" { target 5; actual 3 } }\n\
                scenario s \"S\" { set o.a.actual = 4 }\n";
    let explain = |form: &str, more: &[&str]| {
        let call = [&["explain", "-", "o.grade", "--format", form], more].concat();
        okr(call).stdin(plan).run().exits(0)
    };
    let csv = explain("csv", &[]);
    assert!(csv.stdout().starts_with("depth,name,value,number,how,place,as_of\r\n0,o.grade,0.6,"));
    explain("csv", &[]).prints("\r\n3,o.a.actual,3,3,as written,'-:2,\r\n");
    explain("text", &["--scenario", "s"]).prints("scenario s");
    explain("md", &["--scenario", "s"]).prints("scenario s");
    explain("json", &["--scenario", "s"]).prints("\"scenario\": \"s\"");
    explain("text", &["--original"]).prints("amendments left aside");
}

#[test]
fn what_many_cells_follow_from_is_explained_once() {
    let krs = (1..30).map(|kr| {
        let before: Vec<String> = (0..kr).map(|it| format!("k{it}.target")).collect();
        format!("kr k{kr} \"K\" {{ target 1 + sum({}) ; actual 1 }}\n", before.join(", "))
    });
    let plan = format!(
        "okr 1\nobjective o \"O\" {{ kr k0 \"K\" {{ target 2 * m; actual 1 }}\n{}
         kr g \"G\" {{ kind guardrail; target 5; actual 5 }}
         kr c \"C\" {{ target 8; grading curve 4 -> 0.3, target -> 1; actual 5 }} }}\nmetric m \"M\" 4\n",
        krs.collect::<String>()
    );
    let done = okr(["explain", "-", "o.grade"]).stdin(plan).run().exits(0);
    let done = done.prints("(its parts are shown above)").prints("guardrail: linear");
    let done = done.prints("o.c.target = 8");
    assert_eq!(done.stdout().matches("─ m = 4 ").count(), 1);
    assert!(done.stdout().lines().count() < 4_000);
}

#[test]
fn a_line_checks_the_plan_that_is_loaded() {
    let run = okr(["run", "-"]).stdin("okr 1\n:check /etc/passwd\n").run();
    run.exits(2).says("leave `/etc/passwd` out");
    okr(["run", "-"]).stdin("okr 1\n:check\n").run().exits(0);
}

#[test]
fn standard_input_is_read_once() {
    for call in [&["check", "-", "-"][..], &["fmt", "-", "-"]] {
        okr(call).stdin("okr 1\n").run().exits(2).says("can be read once");
    }
}

/// To open a pipe would wait for its writer.
#[cfg(unix)]
#[test]
fn pipes_and_devices_are_no_plans() {
    let folder = Folder::new().with("plan.okr", "okr 1\ninclude \"pipe\"\n");
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    folder.okr(["check", "plan.okr"]).run().exits(1).prints("a device or a pipe, not a file");
    for command in [&["grade", "pipe"][..], &["check", "pipe"], &["grade", "/dev/zero"]] {
        folder.okr(command).run().exits(4).says("not a file");
    }
    folder.okr(["grade", "/dev/stdin"]).stdin("okr 1\n").run().exits(0);
}

#[test]
fn a_grade_on_the_command_line_lies_within_0_and_1() {
    for grade in ["-1", "-0.1", "1.1", "NaN", "many"] {
        okr(["grade", "-", "--fail-under", grade])
            .stdin("okr 1\n")
            .run()
            .exits(2)
            .says("a grade is");
    }
}

#[test]
fn exit_statuses() {
    let folder = Folder::new()
        .with("good.okr", PLAN)
        .with("bad.okr", "okr 1\nmetric m \"M\" x\n")
        .with("warned.okr", "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-04-10\nobjective o \"O\"\n");
    folder.okr(["check", "good.okr"]).run().exits(0).prints("no problems");
    folder.okr(["check", "bad.okr"]).run().exits(1).prints("unknown-name");
    folder.okr(["check", "good.okr", "bad.okr"]).run().exits(1);
    folder.okr(["check", "warned.okr"]).run().exits(0).prints("empty-objective");
    folder.okr(["check", "--strict", "warned.okr"]).run().exits(1);
    folder.okr(["check", "none.okr"]).run().exits(4).says("no such file");
    folder.okr(["check", "."]).run().exits(4).says("folder");
    folder.okr(["grade", "none.okr"]).run().exits(4);
    folder.okr(["grade"]).run().exits(2);
    folder.okr(["grade", "good.okr", "--form", "x"]).run().exits(2);
    folder.okr(["graed", "good.okr"]).run().exits(2).says("grade");
    folder.okr(["grade", "good.okr", "p"]).run().exits(1);
    folder.okr(["fmt", "bad.okr", "--check"]).run().exits(0);
    folder.okr(["new", "good.okr"]).run().exits(4);
    folder.okr(["--version"]).run().exits(0).prints("okr ");
    folder.okr(["grade", "--help"]).run().exits(0).prints("--fail-under");
}

#[test]
fn problems_are_json_lines_in_file_order() {
    let text = "okr 1\nmetric é \"É\" 1\nmetric b \"B\" 1 + x # ä\nmetric c \"ü\" y\n";
    let ran = okr(["check", "-", "--format", "json"]).stdin(text).run().exits(1);
    let lines: Vec<serde_json::Value> =
        ran.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let places: Vec<_> = lines
        .iter()
        .map(|it| {
            [&it["line"], &it["column"], &it["end_line"], &it["end_column"]].map(|n| n.as_u64())
        })
        .collect();
    let place = |all: [u64; 4]| all.map(Some);
    assert_eq!(places, [place([2, 8, 2, 9]), place([3, 18, 3, 19]), place([4, 14, 4, 15])]);
    for (line, id) in lines.iter().zip(["bad-id", "unknown-name", "unknown-name"]) {
        assert_eq!(line["id"], id);
        assert_eq!(line["severity"], "error");
        assert_eq!(line["file"], "-");
        okr(["explain", id]).run().exits(0).prints(id);
    }
}

#[test]
fn every_problem_is_explained() {
    for kind in okr::diagnostic::Kind::ALL {
        okr(["explain", kind.id()]).run().exits(0).prints(kind.explanation());
    }
    okr(["explain", "unknown-nam"]).run().exits(2).says("unknown-name");
}

#[test]
fn results_go_to_stdout_and_the_rest_to_stderr() {
    let bad = PLAN.replace("target 10", "target 10 / 0");
    let ran = okr(["grade", "-", "--format", "json"]).stdin(bad.as_str()).run().exits(1);
    ran.says("no-result");
    okr(["grade", "-"]).stdin(PLAN).run().exits(0).says_nothing();
}

#[test]
fn assertions_decide_the_exit_status() {
    let holds = format!("{PLAN}assert o.grade >= 0.6\n");
    let fails = format!("{PLAN}2026-02-01 assert o.grade > 0.6 \"more!\"\n");
    let unknown = format!("{PLAN}metric z \"Z\" o.a.confidence\nassert z > 1\n");
    okr(["grade", "-"]).stdin(holds).run().exits(0);
    let ran = okr(["check", "-"]).stdin(fails.as_str()).run().exits(1);
    ran.prints("more!").prints("o.grade is 0.6");
    okr(["grade", "-"]).stdin(fails).run().exits(1).says("assertion-failed");
    okr(["check", "-"]).stdin(unknown).run().exits(0).prints("assertion-unknown");
}

#[test]
fn scripts_stop_at_the_first_failure() {
    let script =
        format!("{PLAN}:grade o --quiet\n:explain o.grade # why\n:grade nowhere\n:trend\n");
    let ran = okr(["run", "-"]).stdin(script.as_str()).run().exits(1);
    assert!(ran.stdout().contains("Σ weight"), "{}", ran.whole());
    ran.says("nothing is named `nowhere`").says("the script stops");
    let unknown = format!("{PLAN}:grade o\n:dance\n");
    okr(["run", "-"]).stdin(unknown).run().exits(2).says("dance");
    let failed = format!("{PLAN}:grade o --fail-under 0.9\n:grade\n");
    okr(["run", "-"]).stdin(failed).run().exits(1);
    let bad = format!("{PLAN}metric x \"X\" nothing\n:grade\n");
    let ran = okr(["run", "-"]).stdin(bad).run().exits(1);
    assert_eq!(ran.stdout(), "");
}

#[test]
fn lines_of_included_files_are_not_run() {
    let folder = Folder::new()
        .with("plan.okr", format!("{}include \"more.okr\"\n:grade o\n", PLAN))
        .with("more.okr", ":dance\n");
    folder.okr(["run", "plan.okr"]).run().exits(0);
}

#[test]
fn includes_stay_below_the_root_file() {
    let folder = Folder::new()
        .with("top.okr", "metric t \"T\" 1\n")
        .with("plans/a.okr", "okr 1\ninclude \"b.okr\"\n")
        .with("plans/b.okr", "include \"deep/c.okr\"\ninclude \"a.okr\"\n")
        .with("plans/deep/c.okr", "metric c \"C\" 1\n")
        .with(
            "plans/out.okr",
            "okr 1\ninclude \"../top.okr\"\ninclude \"/etc/passwd\"\ninclude \"../..\"\n",
        )
        .with("plans/twice.okr", "okr 1\ninclude \"deep/c.okr\"\ninclude \"deep/../deep/c.okr\"\n")
        .with("plans/none.okr", "okr 1\ninclude \"no.okr\"\n");
    folder
        .okr(["check", "plans/a.okr"])
        .run()
        .exits(1)
        .prints("plans/a.okr → plans/b.okr → plans/a.okr");
    let ran = folder.okr(["check", "plans/out.okr"]).run().exits(1);
    assert_eq!(ran.stdout().matches("include-outside").count(), 3, "{}", ran.whole());
    folder.okr(["check", "plans/twice.okr"]).run().exits(0);
    folder.okr(["check", "plans/none.okr"]).run().exits(1).prints("include-unreadable");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_refused() {
    let folder = Folder::new()
        .with("top.okr", "metric t \"T\" 1\n")
        .with("plans/a.okr", "okr 1\ninclude \"in.okr\"\n");
    std::os::unix::fs::symlink("../top.okr", folder.path().join("plans/in.okr")).expect("a link");
    folder.okr(["check", "plans/a.okr"]).run().exits(1).prints("include-outside");
}

#[test]
fn formatting_goes_in_place_or_through() {
    let odd = "okr 1\nmetric  a   \"A\"   1+2 ;metric b \"B\" -  3\n";
    let ran = okr(["fmt", "-"]).stdin(odd).run().exits(0);
    assert_eq!(ran.stdout(), "okr 1\nmetric a \"A\" 1 + 2; metric b \"B\" -3\n");
    let folder = Folder::new().with("a.okr", odd).with("b.okr", "okr 1\nmetric {\n");
    folder.okr(["fmt", "--check", "a.okr"]).run().exits(1).prints("a.okr");
    folder.okr(["fmt", "a.okr"]).run().exits(0);
    assert_eq!(folder.read("a.okr"), ran.stdout());
    folder.okr(["fmt", "--check", "a.okr"]).run().exits(0);
    folder.okr(["fmt", "b.okr"]).run().exits(1).says("left as it is");
    assert_eq!(folder.read("b.okr"), "okr 1\nmetric {\n");
}

#[test]
fn shells_are_completed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        okr(["completions", shell]).run().exits(0).prints("grade");
    }
    okr(["completions", "dos"]).run().exits(2);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let text =
        PLAN.replace("\"A\"", "\"A\u{1b}[31m\u{202e}\"").replace("target 10", "target 10 \u{7} x");
    for command in ["check", "grade"] {
        let ran = okr([command, "-"]).stdin(text.as_str()).run();
        let all = format!("{}{}", ran.stdout(), ran.stderr());
        assert!(!all.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{all:?}");
    }
}

#[test]
fn check_looks_into_scenarios() {
    let plan = format!(
        "{PLAN}team t \"T\" {{ people 5; bucket a 60%; bucket b 40% }}
scenario s \"S\" {{ set t.a.share = 90% }}
scenario x \"X\" {{ set o.a.target = 60; assert o.grade > 0.5 }}\n"
    );
    let ran = okr(["check", "-"]).stdin(plan).run().exits(1);
    ran.prints("shares-over").prints("assertion-failed");
}

#[test]
fn an_equality_that_fails_by_a_hair_says_so() {
    let check = |text: &str| okr(["check", "-"]).stdin(format!("okr 1\n{text}\n")).run().exits(1);
    check("assert 0.1 + 0.2 == 0.3").prints("differ by a rounding of 5.6e-17");
    let far = check("metric m \"M\" 2\nassert m * 2 == sum(m, 3)");
    assert!(!far.stdout().contains("rounding"));
}

#[test]
fn remainders_are_those_of_excel() {
    let holds = [
        "mod(1, 0.1) == 0",
        "mod(-7, 3) == 2",
        "mod(7, -3) == -2",
        "mod(6, 2) == 0",
        "mod(-6, 3) == 0",
    ];
    let lines: String = holds.iter().map(|it| format!("assert {it}\n")).collect();
    okr(["check", "-"]).stdin(format!("okr 1\n{lines}")).run().exits(0).prints("all 5 assertions");
}

#[test]
fn scenarios_assertions_are_checked() {
    let plan = format!("{PLAN}scenario s \"S\" {{ set o.a.actual = 1; assert o.grade >= 0.5 }}\n");
    let done = okr(["check", "-"]).stdin(plan).run().exits(1);
    done.prints("error[assertion-failed]").prints("o.grade is 0.1");
}

#[test]
fn an_objective_of_an_unsound_cycle_is_no_end() {
    let goal = "objective o \"O\" { cycle c; kr a \"A\" { target 10; actual 6 } }\n";
    for cycle in [
        "cycle c \"C\" 2026-13-01 .. 2026-04-10",
        "cycle c \"C\" 2026-04-10 .. 2026-01-01",
        "cycle c \"C\"",
        "cycle c",
        "cycle \"C\" 2026-01-01 .. 2026-04-10",
        "metric c \"C\" 1",
    ] {
        for command in ["check", "grade", "trend"] {
            okr([command, "-"]).stdin(format!("okr 1\n{cycle}\n{goal}")).run().exits(1);
        }
    }
}
