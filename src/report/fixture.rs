//! A plan's reports with every state and band, for the tests of the renderers.

use super::data::*;

/// A scorecard with every state, band, grading and kind.
pub fn scorecard() -> Scorecard {
    Scorecard {
        schema: "okr.grade/1",
        as_of: Some("2026-08-28".into()),
        as_of_from: "the newest check-in".into(),
        scenario: None,
        original: false,
        projected: false,
        cycle: Some("q3".into()),
        cycles: vec![cycle("q2", "Q2 2026", 0.74, "above"), cycle("q3", "Q3 2026", 0.61, "in")],
        teams: teams(),
        objectives: vec![last_quarter(), buying(), tariff(), scale(), decided(), orphan()],
        capacity: capacity(),
    }
}

fn cycle(id: &str, title: &str, grade: f64, sweet_spot: &'static str) -> CycleRow {
    let old = id == "q2";
    CycleRow {
        id: id.into(),
        title: title.into(),
        from: if old { "2026-04-01" } else { "2026-07-01" }.into(),
        to: if old { "2026-06-30" } else { "2026-09-30" }.into(),
        grade: Some(grade),
        band: Some(if old { "green" } else { "yellow" }),
        committed_grade: Some(0.55),
        aspirational_grade: Some(0.64),
        projected_grade: None,
        elapsed: Some(if old { 1.0 } else { 59.0 / 92.0 }),
        sweet_spot: Some(sweet_spot),
        state: "graded",
    }
}

fn teams() -> Vec<TeamRow> {
    let team = |id: &str, title: &str, parent: Option<&str>, kind| TeamRow {
        id: id.into(),
        title: title.into(),
        parent: parent.map(str::to_owned),
        kind: Some(kind),
        grade: None,
        band: None,
        committed_grade: None,
        aspirational_grade: None,
        projected_grade: None,
        sweet_spot: None,
        state: "no data",
    };
    let graded = |row: TeamRow, grade, band, sweet_spot| TeamRow {
        grade: Some(grade),
        band: Some(band),
        aspirational_grade: Some(grade),
        sweet_spot: Some(sweet_spot),
        state: "graded",
        ..row
    };
    let digital = team("digital", "Digital department", None, "leadership");
    let backbone = team("backbone", "Sales platform", Some("digital"), "platform");
    let tickets = team("tickets", "Ticket app", Some("digital"), "delivery");
    let tickets = TeamRow { committed_grade: Some(0.25), ..tickets };
    vec![
        graded(digital, 0.612, "yellow", "in"),
        graded(backbone, 0.93, "green", "above"),
        graded(tickets, 0.384, "red", "below"),
        team("lab", "Mobility lab", Some("digital"), "innovation"),
    ]
}

fn objective(id: &str, title: &str, owner: Option<&str>) -> ObjectiveRow {
    ObjectiveRow {
        id: id.into(),
        title: title.into(),
        owner: owner.map(str::to_owned),
        cycle: Some("q3".into()),
        kind: "aspirational",
        weight: Some(1.0),
        status: None,
        grade: None,
        band: None,
        graded: 0,
        of: 0,
        committed_grade: None,
        aspirational_grade: None,
        projected_grade: None,
        broken_guardrails: Vec::new(),
        state: "no data",
        key_results: Vec::new(),
    }
}

/// A key result without data.
pub fn kr(id: &str, title: &str, grading: &'static str) -> KrRow {
    KrRow {
        id: id.into(),
        title: title.into(),
        kind: "aspirational",
        grading,
        unit: None,
        baseline: None,
        target: None,
        actual: None,
        weight: Some(1.0),
        state: "no data",
        progress: None,
        grade: None,
        band: None,
        confidence: None,
        pace: None,
        forecast: None,
        forecast_grade: None,
        projected: None,
        projected_grade: None,
        projected_band: None,
        pace_word: None,
        keep: None,
        broken: false,
        due: None,
        observed_on: None,
        status: None,
        shown: Shown::default(),
    }
}

/// The key result on its way: its numbers and how they read.
fn way(row: KrRow, numbers: [f64; 3], shown: [&str; 3]) -> KrRow {
    let [baseline, target, actual] = numbers;
    KrRow {
        unit: shown[1].split_once(' ').map(|(_, unit)| unit.to_owned()),
        baseline: Some(baseline),
        target: Some(target),
        actual: (!shown[2].is_empty()).then_some(Actual::Number(actual)),
        shown: Shown {
            baseline: shown[0].into(),
            target: shown[1].into(),
            actual: shown[2].into(),
            forecast: String::new(),
        },
        ..row
    }
}

fn graded(row: KrRow, grade: f64, band: &'static str, pace_word: &'static str) -> KrRow {
    KrRow {
        state: "graded",
        progress: row.target.map(|_| grade),
        grade: Some(grade),
        band: Some(band),
        pace: Some(grade / 0.64),
        pace_word: Some(pace_word),
        observed_on: Some("2026-08-28".into()),
        ..row
    }
}

fn buying() -> ObjectiveRow {
    let title = "Buying a ticket takes less time than finding the track, on every phone we know";
    ObjectiveRow {
        status: Some("agreed"),
        weight: Some(2.0),
        grade: Some(0.5),
        band: Some("red"),
        graded: 3,
        of: 4,
        aspirational_grade: Some(0.5),
        broken_guardrails: vec!["buying.crash_free".into()],
        state: "graded",
        key_results: buying_key_results(),
        ..objective("buying", title, Some("tickets"))
    }
}

fn buying_key_results() -> Vec<KrRow> {
    let tap = kr("buying.tap", "Median time from opening the app to a valid ticket", "linear");
    let tap =
        graded(way(tap, [74.0, 40.0, 52.0], ["74 s", "40 s", "52 s"]), 0.647, "yellow", "on track");
    let search = kr("buying.latency", "p95 of the fare search", "curve");
    let search = way(search, [1400.0, 600.0, 980.0], ["1400 ms", "600 ms", "980 ms"]);
    let search = graded(search, 0.34, "red", "at risk");
    let conversion = kr("buying.conversion", "Search-to-ticket conversion", "linear");
    let conversion = way(conversion, [0.062, 0.0775, 0.0698], ["6.2%", "7.75%", "6.98%"]);
    let gaps = kr("buying.gaps", "Gaps closed of the six that riders named", "linear");
    let crash = kr("buying.crash_free", "Sessions without a crash", "keep");
    let complaints = kr("buying.complaints", "Complaints in a fortnight", "keep");
    vec![
        KrRow {
            weight: Some(2.0),
            confidence: Some(0.6),
            forecast: Some(43.0),
            shown: Shown { forecast: "43 s".into(), ..tap.shown },
            ..tap
        },
        KrRow { confidence: Some(0.3), ..search },
        graded(conversion, 0.5, "yellow", "behind"),
        way(gaps, [0.0, 6.0, 0.0], ["0 features", "6 features", ""]),
        guardrail(crash, "99.2%", ">= 99.5%", 0.75, true),
        guardrail(complaints, "31 complaints", "<= 40 complaints", 1.0, false),
        KrRow { kind: "guardrail", keep: Some("2 .. 4".into()), ..kr("buying.noise", "", "keep") },
    ]
}

fn guardrail(row: KrRow, actual: &str, keep: &str, grade: f64, broken: bool) -> KrRow {
    KrRow {
        kind: "guardrail",
        actual: Some(Actual::Number(1.0)),
        keep: Some(keep.into()),
        state: "graded",
        grade: Some(grade),
        band: Some(if broken { "yellow" } else { "green" }),
        broken,
        shown: Shown { actual: actual.into(), ..Shown::default() },
        ..row
    }
}

fn tariff() -> ObjectiveRow {
    let golive = kr("tariff.golive", "The new tariff is on sale", "milestones");
    let golive = KrRow { actual: Some(Actual::Word("live in the app".into())), ..golive };
    let golive = graded(golive, 0.8, "green", "on track");
    let audit = kr("tariff.audit", "The auditor has signed off the rounding", "done");
    let audit = KrRow { due: Some("2026-09-25".into()), status: Some("proposed"), ..audit };
    let staff = kr("tariff.trained", "Station staff who passed the quiz", "linear");
    let staff = way(staff, [0.0, 1.0, 0.0], ["0%", "100%", ""]);
    let score = kr("tariff.answers", "Riders find the answer before they ask", "score");
    let score = KrRow { actual: Some(Actual::Number(1.25)), ..score };
    let score = graded(score, 0.1, "red", "at risk");
    ObjectiveRow {
        kind: "committed",
        status: Some("proposed"),
        grade: Some(0.384),
        band: Some("red"),
        graded: 2,
        of: 3,
        committed_grade: Some(0.25),
        aspirational_grade: Some(0.8),
        state: "graded",
        key_results: vec![
            golive,
            audit,
            KrRow { state: "not applicable", ..staff },
            KrRow { shown: Shown { actual: "0.1".into(), ..Shown::default() }, ..score },
        ],
        ..objective(
            "tariff",
            "The September tariff is right from its first morning",
            Some("tickets"),
        )
    }
}

fn scale() -> ObjectiveRow {
    let load = kr("scale.throughput", "Sales requests served in the load test", "linear");
    let load = way(load, [620.0, 1140.0, 1270.0], ["620 rps", "1140 rps", "1270 rps"]);
    let bill = kr("scale.cloud_bill", "Cloud bill of a month", "steps");
    let bill = way(bill, [61e3, 48e3, 48e3], ["61k EUR", "48k EUR", "48k EUR"]);
    let cache = kr("scale.cache", "日本語のキャッシュ 🚄", "linear");
    let cache = way(cache, [0.0, 1.0, 0.0], ["0", "1", ""]);
    ObjectiveRow {
        grade: Some(0.93),
        band: Some("green"),
        graded: 2,
        of: 3,
        aspirational_grade: Some(0.93),
        state: "graded",
        key_results: vec![
            graded(load, 1.25, "green", "on track"),
            graded(bill, 1.0, "green", "on track"),
            KrRow { state: "error", ..cache },
        ],
        ..objective("scale", "A holiday Saturday that nobody notices", Some("backbone"))
    }
}

fn decided() -> ObjectiveRow {
    let night = way(
        kr("ondemand.night", "Rides between midnight and four", "linear"),
        [0.0, 300.0, 12.0],
        ["0 rides", "300 rides", "12 rides"],
    );
    ObjectiveRow {
        status: Some("declined"),
        state: "declined",
        key_results: vec![KrRow { state: "declined", status: Some("declined"), ..night }],
        ..objective("ondemand", "An on-demand bus fills the evening gap", Some("lab"))
    }
}

fn last_quarter() -> ObjectiveRow {
    let opened = kr("stations.opened", "Stations with a new machine", "linear");
    let opened = way(opened, [0.0, 40.0, 30.0], ["0 stations", "40 stations", "30 stations"]);
    ObjectiveRow {
        cycle: Some("q2".into()),
        grade: Some(0.74),
        band: Some("green"),
        graded: 1,
        of: 1,
        aspirational_grade: Some(0.74),
        state: "graded",
        key_results: vec![graded(opened, 0.74, "green", "at risk")],
        ..objective("stations", "Every station sells tickets", Some("tickets"))
    }
}

fn orphan() -> ObjectiveRow {
    objective("ideas", "=Ideas that \u{1b}[31mnobody | owns <b>yet</b>\n", None)
}

fn capacity() -> Vec<CapacityRow> {
    let bucket = |id: &str, title: Option<&str>, share, capacity| BucketRow {
        id: id.into(),
        title: title.map(str::to_owned),
        share: Some(share),
        capacity: Some(capacity),
        demand: Some(0.0),
        load: Some(0.0),
    };
    vec![
        CapacityRow {
            id: "tickets".into(),
            capacity: Some(65.6),
            demand: Some(0.0),
            buckets: vec![
                bucket("tickets.roadmap", None, 0.5, 32.8),
                bucket("tickets.platform", Some("Platform health"), 0.2, 13.12),
                bucket("tickets.run", Some("Keep tickets selling"), 0.3, 19.68),
            ],
            slack: None,
        },
        CapacityRow {
            id: "lab".into(),
            capacity: Some(18.0),
            demand: Some(0.0),
            buckets: vec![bucket("lab.bets", None, 0.9, 16.2)],
            slack: Some(0.1),
        },
    ]
}

/// Grades of three things over five dates.
pub fn trend() -> Trend {
    let row = |id: &str, title: &str, kind, grades: [Option<f64>; 5], band| TrendRow {
        id: id.into(),
        title: title.into(),
        kind,
        grades: grades.to_vec(),
        band,
        yellow: 0.4,
        green: 0.7,
    };
    let rising = [Some(0.08), Some(0.21), Some(0.4), Some(0.38), Some(0.61)];
    let late = [None, None, Some(0.1), Some(0.5), Some(0.93)];
    let tap = "Median time from opening the app to a valid ticket";
    Trend {
        schema: "okr.trend/1",
        as_of: Some("2026-08-28".into()),
        as_of_from: "the newest check-in".into(),
        period: Some(("2026-07-01".into(), "2026-09-30".into())),
        dates: ["2026-07-10", "2026-07-24", "2026-08-07", "2026-08-14", "2026-08-28"]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![
            row("q3", "Q3 2026", "cycle", rising, Some("yellow")),
            row("tickets", "Ticket app", "team", late, Some("green")),
            row("buying", "Buying a ticket takes no time", "objective", rising, Some("yellow")),
            row("buying.tap", tap, "key result", [Some(0.0); 5], Some("red")),
            row("buying.gaps", "Gaps closed", "key result", [None; 5], None),
        ],
    }
}

/// The arithmetic of an objective's grade.
pub fn explanation() -> Explanation {
    let step = |name: &str, value: &str, number, how: &str, line: Option<u32>, from| Step {
        name: name.into(),
        value: value.into(),
        number,
        how: how.into(),
        place: line.map(|line| format!("department.okr:{line}")),
        from,
    };
    let actual = step(
        "buying.tap.actual",
        "52 s",
        Some(52.0),
        "checked in on 2026-08-28",
        Some(402),
        vec![],
    );
    let baseline = step("buying.tap.baseline", "74 s", Some(74.0), "as written", Some(131), vec![]);
    let target = step("buying.tap.target", "40 s", Some(40.0), "as written", Some(132), vec![]);
    let how = "progress = (52 - 74) / (40 - 74)";
    let from = vec![actual, baseline, target];
    let progress = step("buying.tap.progress", "0.6471", Some(0.6471), how, None, from);
    let how = "linear: progress, clamped to 0 .. 1";
    let tap = step("buying.tap.grade", "0.6471", Some(0.6471), how, Some(130), vec![progress]);
    let gaps =
        step("buying.gaps.grade", "no data", None, "counts 0 (missing zero)", Some(148), vec![]);
    let how = "the weighted mean of the counted key results: (2 * 0.6471 + 1 * 0) / (2 + 1), \
               a key result without data counting 0";
    let cell = step("buying.grade", "0.4314", Some(0.4314), how, Some(123), vec![tap, gaps]);
    Explanation {
        schema: "okr.explain/1",
        as_of: Some("2026-08-28".into()),
        as_of_from: "the newest check-in".into(),
        scenario: None,
        original: false,
        cell,
    }
}
