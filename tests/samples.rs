//! Every sample is a test: it is sound, laid out, and its outputs are kept as snapshots.

use crate::harness::{okr, plans, root};

/// The samples that are whole plans.
const PLANS: [&str; 10] = [
    "first-steps.okr",
    "department.okr",
    "script.okr",
    "multi/plan.okr",
    "flags.okr",
    "flags-mended.okr",
    "flags-allowed.okr",
    "run-to-platform.okr",
    "hiring-freeze.okr",
    "platform-overload.okr",
];

#[test]
fn plans_have_no_problems() {
    for plan in PLANS {
        okr(["check", &format!("samples/{plan}")]).run().exits(0);
    }
}

#[test]
fn samples_are_laid_out() {
    let folder = root().join("samples");
    for file in plans("samples") {
        if !file.starts_with(folder.join("errors")) {
            okr(["fmt", "--check", &file.to_string_lossy()]).run().exits(0);
        }
    }
}

#[test]
fn scorecards() {
    for plan in PLANS {
        let ran = okr(["grade", &format!("samples/{plan}"), "--quiet"]).run().exits(0);
        insta::assert_snapshot!(format!("scorecard {plan}").replace(['/', ' '], "-"), ran.stdout());
    }
}

#[test]
fn scorecards_of_programs() {
    for (format, plan) in
        [("json", "first-steps.okr"), ("csv", "multi/plan.okr"), ("md", "script.okr")]
    {
        let file = format!("samples/{plan}");
        let ran = okr(["grade", &file, "--quiet", "--format", format]).run().exits(0);
        insta::assert_snapshot!(format!("grade-{format}"), ran.stdout());
    }
}

#[test]
fn trends_and_explanations() {
    let department = "samples/department.okr";
    let trend = okr(["trend", department, "--quiet"]).run().exits(0);
    insta::assert_snapshot!("trend", trend.stdout());
    let one = okr(["trend", department, "buying.latency", "--quiet"]).run().exits(0);
    insta::assert_snapshot!("trend-of-one", one.stdout());
    let explained = okr(["explain", department, "scale.grade", "--quiet"]).run().exits(0);
    insta::assert_snapshot!("explain", explained.stdout());
}

#[test]
fn the_script_runs() {
    let ran = okr(["run", "samples/script.okr"]).run().exits(0);
    insta::assert_snapshot!("script", ran.whole());
}
