//! What the terminal shows of the fixture.

use super::super::data::Scorecard;
use super::super::fixture;
use super::super::style::{Style, width_of};
use super::*;

fn plain(width: usize) -> Style {
    Style { width, ..Style::default() }
}

fn ascii(width: usize) -> Style {
    Style { width, unicode: false, color: false }
}

/// Every text report of the fixture, and those of a single row.
fn all(style: &Style) -> Vec<String> {
    let mut trends = vec![fixture::trend()];
    trends.extend((0..5).map(|row| {
        let mut trend = fixture::trend();
        trend.rows = vec![trend.rows.swap_remove(row)];
        trend
    }));
    let mut reports: Vec<String> = trends.iter().map(|it| trend(it, style)).collect();
    reports.push(scorecard(&fixture::scorecard(), style));
    reports.push(explanation(&fixture::explanation(), style));
    reports
}

/// The report with its colours as words: `[33m` becomes `‹33›`.
fn inks(report: &str) -> String {
    report.replace("\u{1b}[", "‹").replace("‹0m", "‹›").replace("1m", "1›").replace("2m", "2›")
}

#[test]
fn a_scorecard_at_80_columns() {
    insta::assert_snapshot!(scorecard(&fixture::scorecard(), &plain(80)), @"
    Q3 2026  2026-07-01 .. 2026-09-30
    as of 2026-08-28 (the newest check-in)

    grade    ■■■■■■■■■■■■■■■■■■■■■□□□□□□□□□□□□□□ 0.61 yellow, ambitious and landing
    elapsed  ■■■■■■■■■■■■■■■■■■■■■■□□□□□□□□□□□□□  64%
             committed 0.55 · aspirational 0.64

                                from → to         now  grade              pace

    Digital department · leadership ─────────────────  ■■■■□□ 0.61 yellow

      Sales platform · platform ─────────────────────  ■■■■■□ 0.93 green

      A holiday Saturday that nobody notices           ■■■■■□ 0.93 green
      scale · 2 of 3 graded
        Sales requests served…  620 → 1140 rps   1270  ■■■■■■ 1.25 green  ↑ on track
        Cloud bill of a month   61k → 48k EUR     48k  ■■■■■■ 1.00 green  ↑ on track
        日本語のキャッシュ 🚄   0 → 1                         error

      Ticket app · delivery ─────────────────────────  ■■□□□□ 0.38 red

      Buying a ticket takes less time than finding     ■■■□□□ 0.50 red
      the track, on every phone we know
      buying · 3 of 4 graded · agreed · weight 2
      red because a guardrail is broken: crash_free
        Median time from o… ×2  74 → 40 s          52  ■■■■□□ 0.64 yellow ↑ on track
        p95 of the fare search  1400 → 600 ms     980  ■■□□□□ 0.34 red    ↓ at risk
        Search-to-ticket conv…  6.2 → 7.75%     6.98%  ■■■□□□ 0.50 yellow → behind
        Gaps closed of the si…  0 → 6 features                no data
        Sessions without a cr…  keep ≥ 99.5%    99.2%  ✗ guardrail broken (held 75%)
        Complaints in a fortn…  ≤ 40 complain…     31  ✓ guardrail holds
        noise                   keep 2 .. 4            guardrail: no data

      The September tariff is right from its first     ■■□□□□ 0.38 red
      morning
      tariff · 2 of 3 graded · proposed · committed 0.25 · aspirational 0.80
        The new tariff is on…         live in the app  ■■■■■□ 0.80 green  ↑ on track
        The auditor has signe…  by 2026-09-25                 no data
        Station staff who pas…  0 → 100%                      n/a
        Riders find the answe…  by hand           0.1  ■□□□□□ 0.10 red    ↓ at risk

      Mobility lab · innovation ─────────────────────         no data

      An on-demand bus fills the evening gap                  declined
      ondemand · no key result counts · declined
        Rides between midnigh…  0 → 300 rides      12         declined

    Without an owner ────────────────────────────────

    =Ideas that ?[31mnobody | owns <b>yet</b>                 no data
    ideas · no key results

    Q2 2026 · 2026-04-01 .. 2026-06-30 ──────────────  ■■■■□□ 0.74 green

    Digital department ──────────────────────────────

      Ticket app ────────────────────────────────────

      Every station sells tickets                      ■■■■□□ 0.74 green
      stations · 1 of 1 graded
        Stations with a new m…  0 → 40             30  ■■■■□□ 0.74 green  ↓ at risk

    Teams                            committed  aspirational
    Digital department  0.61 yellow                     0.61  ambitious and landing
      Sales platform    0.93 green                      0.93  not ambitious enough
      Ticket app        0.38 red          0.25          0.38  out of reach
      Mobility lab      no data

    Cycles                            committed  aspirational
    Q2 2026   ■■■■■■■□□□ 0.74 green        0.55          0.64  not ambitious enough
    Q3 2026   ■■■■■■□□□□ 0.61 yellow       0.55          0.64  ambitious and landing

    Capacity                 share  person-weeks
    Ticket app                              65.6
      roadmap                  50%          32.8
      Platform health          20%          13.1
      Keep tickets selling     30%          19.7
    Mobility lab                              18
      bets                     90%          16.2
      slack                    10%           1.8
    ");
}

#[test]
fn a_scorecard_at_60_columns_in_ascii() {
    insta::assert_snapshot!(scorecard(&fixture::scorecard(), &ascii(60)), @"
    Q3 2026  2026-07-01 .. 2026-09-30
    as of 2026-08-28 (the newest check-in)

    grade    #########------ 0.61 yellow, ambitious and landing
    elapsed  ##########-----  64%
             committed 0.55, aspirational 0.64

                                now  grade              pace

    Digital department, leadership   ####-- 0.61 yellow

      Sales platform, platform ----  #####- 0.93 green

      A holiday Saturday that        #####- 0.93 green
      nobody notices
      scale, 2 of 3 graded
        Sales requests se...   1270  ###### 1.25 green  on track
        Cloud bill of a m...    48k  ###### 1.00 green  on track
        日本語のキャッシ...                 error

      Ticket app, delivery --------  ##---- 0.38 red

      Buying a ticket takes less     ###--- 0.50 red
      time than finding the track,
      on every phone we know
      buying, 3 of 4 graded, agreed, weight 2
      red because a guardrail is broken: crash_free
        Median time fr... x2     52  ####-- 0.64 yellow on track
        p95 of the fare s...    980  ##---- 0.34 red    at risk
        Search-to-ticket...   6.98%  ###--- 0.50 yellow behind
        Gaps closed of th...                no data
        Sessions without...   99.2%  ! guardrail broken
        Complaints in a f...     31  + guardrail holds
        noise                        guardrail: no data

      The September tariff is right  ##---- 0.38 red
      from its first morning
      tariff, 2 of 3 graded, proposed, committed 0.25, aspira...
        The new tariff is...  li...  #####- 0.80 green  on track
        The auditor has s...                no data
        Station staff who...                n/a
        Riders find the a...    0.1  #----- 0.10 red    at risk

      Mobility lab, innovation ----         no data

      An on-demand bus fills the            declined
      evening gap
      ondemand, no key result counts, declined
        Rides between mid...     12         declined

    Without an owner --------------

    =Ideas that ?[31mnobody | owns          no data
    <b>yet</b>
    ideas, no key results

    Q2 2026 -----------------------  ####-- 0.74 green

    Digital department ------------

      Ticket app ------------------

      Every station sells tickets    ####-- 0.74 green
      stations, 1 of 1 graded
        Stations with a n...     30  ####-- 0.74 green  at risk

    Teams
    Digital department  0.61 yellow  ambitious and landing
      Sales platform    0.93 green   not ambitious enough
      Ticket app        0.38 red     out of reach
      Mobility lab      no data

    Cycles
    Q2 2026   ####-- 0.74 green   not ambitious enough
    Q3 2026   ####-- 0.61 yellow  ambitious and landing

    Capacity                 share  person-weeks
    Ticket app                              65.6
      roadmap                  50%          32.8
      Platform health          20%          13.1
      Keep tickets selling     30%          19.7
    Mobility lab                              18
      bets                     90%          16.2
      slack                    10%           1.8
    ");
}

#[test]
fn a_scorecard_at_120_columns() {
    let report = scorecard(&fixture::scorecard(), &plain(120));
    let rows: Vec<&str> = report.lines().skip(7).take(13).collect();
    insta::assert_snapshot!(rows.join("\n"), @"
                                                           from → to               now  grade                pace       sure

    Digital department · leadership ──────────────────────────────────────────────────  ■■■■■□□□ 0.61 yellow

      Sales platform · platform ──────────────────────────────────────────────────────  ■■■■■■■□ 0.93 green

      A holiday Saturday that nobody notices                                            ■■■■■■■□ 0.93 green
      scale · 2 of 3 graded
        Sales requests served in the load test             620 → 1140 rps         1270  ■■■■■■■■ 1.25 green  ↑ on track
        Cloud bill of a month                              61k → 48k EUR           48k  ■■■■■■■■ 1.00 green  ↑ on track
        日本語のキャッシュ 🚄                              0 → 1                                 error

      Ticket app · delivery ──────────────────────────────────────────────────────────  ■■■□□□□□ 0.38 red
    ");
}

#[test]
fn a_scorecard_in_colour() {
    let style = Style { color: true, ..plain(80) };
    let report = scorecard(&fixture::scorecard(), &style);
    let rows: Vec<&str> = report.lines().skip(2).take(16).collect();
    insta::assert_snapshot!(inks(&rows.join("\n")), @"

    grade    ‹33m■■■■■■■■■■■■■■■■■■■■■‹›‹2›□□□□□□□□□□□□□□‹› ‹33m0.61‹› ‹33myellow‹›, ‹1›ambitious and landing‹›
    elapsed  ■■■■■■■■■■■■■■■■■■■■■■‹2›□□□□□□□□□□□□□‹›  64%
             ‹2›committed 0.55 · aspirational 0.64‹›

                                ‹2›from → to‹›         ‹2›now‹›  ‹2›grade‹›              ‹2›pace‹›

    ‹1›Digital department‹›‹2› · ‹›‹2›leadership‹› ‹2›─────────────────‹›  ‹33m■■■■‹›‹2›□□‹› ‹33m0.61‹› ‹33myellow‹›

      ‹1›Sales platform‹›‹2› · ‹›‹2›platform‹› ‹2›─────────────────────‹›  ‹32›■■■■■‹›‹2›□‹› ‹32›0.93‹› ‹32›green‹›

      ‹1›A holiday Saturday that nobody notices‹›           ‹32›■■■■■‹›‹2›□‹› ‹32›0.93‹› ‹32›green‹›
      ‹2›scale · 2 of 3 graded‹›
        Sales requests served…  ‹2›620‹›‹2› → ‹›1140 rps   1270  ‹32›■■■■■■‹› ‹32›1.25‹› ‹32›green‹›  ‹32›↑ on track‹›
        Cloud bill of a month   ‹2›61k‹›‹2› → ‹›48k EUR     48k  ‹32›■■■■■■‹› ‹32›1.00‹› ‹32›green‹›  ‹32›↑ on track‹›
        日本語のキャッシュ 🚄   ‹2›0‹›‹2› → ‹›1                         ‹31›error‹›
    ");
}

#[test]
fn a_trend_of_several_things() {
    insta::assert_snapshot!(trend(&fixture::trend(), &plain(80)), @"
    Check-ins 2026-07-10 .. 2026-08-28, as of 2026-08-28 (the newest check-in)

    Q3 2026                                             ▁▂▄▄▅  0.08 → 0.61 yellow
    Ticket app                                          ··▁▅█  0.10 → 0.93 green
      Buying a ticket takes no time                     ▁▂▄▄▅  0.08 → 0.61 yellow
        Median time from opening the app to a valid t…  ▁▁▁▁▁  0.00 → 0.00 red
        Gaps closed                                     ·····  no data
    ");
}

#[test]
fn a_trend_of_several_things_in_ascii() {
    insta::assert_snapshot!(trend(&fixture::trend(), &ascii(60)), @"
    Check-ins 2026-07-10 .. 2026-08-28, as of 2026-08-28 (the
    newest check-in); a digit is a tenth

    Q3 2026                         02436  0.08 -> 0.61 yellow
    Ticket app                      ..159  0.10 -> 0.93 green
      Buying a ticket takes no...   02436  0.08 -> 0.61 yellow
        Median time from openin...  00000  0.00 -> 0.00 red
        Gaps closed                 .....  no data
    ");
}

#[test]
fn a_trend_of_one_thing() {
    let mut one = fixture::trend();
    one.rows.truncate(1);
    insta::assert_snapshot!(trend(&one, &plain(80)), @"
    Q3 2026
    q3  0.08 → 0.61 yellow

    1.00 ┤
         │
         │
    0.70 ┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ green
         │                                          ●
    0.50 ┤                                          │
    0.40 ┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄●────╮┄┄┄┄┄┄┄┄┄│┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ yellow
         │                           │    ●─────────╯
         │                 ●─────────╯
         │                 │
    0.00 ┤       ●─────────╯
         └───────────────────────────────────────────────────────────────────
          2026-07-01                           2026-08-28          2026-09-30
    ");
    one.rows[0].grades[4] = Some(1.25);
    insta::assert_snapshot!(trend(&one, &ascii(60)), @"
    Q3 2026
    q3  0.08 -> 1.25 yellow

    1.25 +                             *
         |                             |
         |                             |
         |                             |
         |                             |
    0.70 + . . . . . . . . . . . . . . | . . . . . . . .  green
         |                             |
    0.40 + . . . . . . . . . *--*------' . . . . . . . .  yellow
         |                   |
         |            *------'
    0.00 +     *------'
         +-----------------------------------------------
          2026-07-01              2026-08-28   2026-09-30
    ");
}

#[test]
fn an_explanation() {
    insta::assert_snapshot!(explanation(&fixture::explanation(), &plain(80)), @"
    buying.grade = 0.4314                                         department.okr:123
    │  the weighted mean of the counted key results: (2 * 0.6471 + 1 * 0) / (2 + 1),
    │  a key result without data counting 0
    ├─ buying.tap.grade = 0.6471                                  department.okr:130
    │  │  linear: progress, clamped to 0 .. 1
    │  └─ buying.tap.progress = 0.6471  progress = (52 - 74) / (40 - 74)
    │     ├─ buying.tap.actual = 52 s  checked in on 2026-08-28   department.okr:402
    │     ├─ buying.tap.baseline = 74 s  as written               department.okr:131
    │     └─ buying.tap.target = 40 s  as written                 department.okr:132
    └─ buying.gaps.grade = no data  counts 0 (missing zero)       department.okr:148

    as of 2026-08-28 (the newest check-in)
    ");
    insta::assert_snapshot!(explanation(&fixture::explanation(), &ascii(50)), @"
    buying.grade = 0.4314           department.okr:123
    |  the weighted mean of the counted key results:
    |  (2 * 0.6471 + 1 * 0) / (2 + 1), a key result
    |  without data counting 0
    |- buying.tap.grade = 0.6471    department.okr:130
    |  |  linear: progress, clamped to 0 .. 1
    |  `- buying.tap.progress = 0.6471
    |     |  progress = (52 - 74) / (40 - 74)
    |     |- buying.tap.actual = 52 s
    |     |     checked in on 2026-08-28
    |     |     department.okr:402
    |     |- buying.tap.baseline = 74 s
    |     |     as written
    |     |     department.okr:131
    |     `- buying.tap.target = 40 s
    |           as written
    |           department.okr:132
    `- buying.gaps.grade = no data  department.okr:148
          counts 0 (missing zero)

    as of 2026-08-28 (the newest check-in)
    ");
}

#[test]
fn a_deep_explanation_stays_in_its_room() {
    let mut deep = fixture::explanation();
    for _ in 0..100 {
        let below = deep.cell.clone();
        deep.cell.from = vec![below];
    }
    deep.cell.from[0].from.clear();
    let mut step = deep.cell.clone();
    step.from.clear();
    for level in 0..100 {
        let name = format!("level_{level}");
        step = super::super::data::Step { name, from: vec![step], ..deep.cell.clone() };
    }
    deep.cell = step;
    let report = explanation(&deep, &plain(80));
    assert!(report.lines().all(|line| width_of(line) <= 80));
}

#[test]
fn an_empty_plan_says_so() {
    let empty = Scorecard {
        as_of: None,
        cycle: None,
        cycles: Vec::new(),
        teams: Vec::new(),
        objectives: Vec::new(),
        capacity: Vec::new(),
        ..fixture::scorecard()
    };
    insta::assert_snapshot!(scorecard(&empty, &plain(80)), @"
    no date in the plan

    There is no objective in the plan yet.
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 50..160 {
        for style in [plain(width), ascii(width)] {
            for line in all(&style).iter().flat_map(|report| report.lines()) {
                assert!(width_of(line) <= width, "{width}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn a_very_narrow_terminal_is_no_reason_to_panic() {
    (0..50).for_each(|width| drop((all(&plain(width)), all(&ascii(width)))));
}

#[test]
fn nothing_from_a_plan_steers_the_terminal() {
    for report in all(&plain(80)) {
        assert!(!report.contains(|it: char| it.is_control() && it != '\n'));
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    let color = Style { color: true, ..plain(80) };
    for (colored, plain) in all(&color).iter().zip(all(&plain(80))) {
        let mut parts = colored.split("\u{1b}[");
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = parts.map(|part| part.split_once('m').map_or("", |(_, text)| text));
        assert_eq!(rest.fold(first, |text, part| text + part), plain);
    }
}

#[test]
fn ascii_is_ascii() {
    let mut card = fixture::scorecard();
    card.objectives.retain(|objective| objective.id != "scale");
    assert!(scorecard(&card, &ascii(80)).is_ascii());
    assert!(trend(&fixture::trend(), &ascii(80)).is_ascii());
}
