//! `okr import --into`: what a workbook changes in its plan, and what it must not change.

use crate::harness::{Done, Folder, plans, read, root};
use crate::support::sheet::{Put, Sheets};
use crate::workbook_export::exported;
use std::fs;

const BOARD: &str = "tests/fixtures/board.okr";

fn board() -> String {
    read(root().join(BOARD))
}

/// The board's workbook.
fn book() -> Sheets {
    Sheets(exported(&root().join(BOARD)))
}

/// A folder with the board and a workbook of it, changed.
fn folder(book: &Sheets) -> Folder {
    Folder::new().with("plan.okr", board()).with("board.xlsx", &book.0)
}

fn import(folder: &Folder, options: &[&str]) -> Done {
    let start = ["import", "board.xlsx", "--into", "plan.okr"];
    folder.okr([&start[..], options].concat()).run()
}

/// The lines that differ: `-old` and `+new`.
fn difference(before: &str, after: &str) -> Vec<String> {
    let lines = similar::TextDiff::from_lines(before, after);
    let changed = lines.iter_all_changes().filter(|it| it.tag() != similar::ChangeTag::Equal);
    changed.map(|it| format!("{}{}", it.tag(), it.value().trim_end())).collect()
}

/// Imports a workbook and tells which lines of the plan that changed; a second time it changes none.
#[track_caller]
fn changes(book: &Sheets, options: &[&str], wanted: &[&str]) -> Done {
    let folder = folder(book);
    let done = import(&folder, options).exits(0);
    let found = difference(&board(), &folder.read("plan.okr"));
    assert_eq!(found, wanted, "{}", done.whole());
    let once = folder.read("plan.okr");
    let again = import(&folder, options);
    assert_eq!(folder.read("plan.okr"), once, "{}", again.whole());
    done
}

/// A workbook that changes nothing, and why.
#[track_caller]
fn leaves(book: &Sheets, options: &[&str], code: i32, says: &str) -> Done {
    let folder = folder(book);
    let done = import(&folder, options).exits(code);
    assert_eq!(folder.read("plan.okr"), board(), "{}", done.whole());
    assert!(done.whole().contains(says), "{says:?} expected\n{}", done.whole());
    done
}

#[test]
fn a_round_trip_without_edits_changes_nothing() {
    let mut all = plans("samples");
    all.retain(|plan| !plan.to_string_lossy().contains("/errors/"));
    all.retain(|plan| !plan.to_string_lossy().contains("/multi/") || plan.ends_with("plan.okr"));
    all.push(root().join(BOARD));
    all.push(root().join("tests/fixtures/every-rule.okr"));
    for plan in all {
        let bytes = exported(&plan);
        let folder = Folder::new().with("board.xlsx", bytes);
        let before = read(&plan);
        let path = plan.to_str().expect("UTF-8");
        let done = folder.okr(["import", "board.xlsx", "--into", path]).run().exits(0);
        assert!(done.stdout().ends_with("nothing to change\n"), "{}", done.whole());
        assert_eq!(read(&plan), before);
    }
}

/// A large base is packed, and says the same.
#[test]
fn a_large_plan_comes_back_as_it_went() {
    let mut plan =
        "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nteam t \"T\" { people 5 }\n".to_owned();
    for objective in 0..300 {
        plan.push_str(&format!("objective o{objective} \"Objective {objective}\" {{ owner t\n"));
        for kr in 0..5 {
            plan.push_str(&format!("  kr k{kr} \"C:\\\\new {kr}: a t\" {{ target {} }}\n", kr + 2));
        }
        plan.push_str("}\n");
    }
    let (long, longer) = ("l".repeat(32_766), "🚆".repeat(20_000));
    let odd = format!(
        "objective odd \"Odd\" {{ owner t\n  kr long \"{long}\" {{ baseline 2; target baseline * 2 }}\n  \
         kr lines \"=1+1\" {{ target 2; note \"one\\ntwo \\\\n\"; note \" three \" }}\n  \
         kr cut \"Cut\" {{ target 2; note \"{longer}\" }}\n}}\n"
    );
    plan.push_str(&odd);
    let folder = Folder::new().with("plan.okr", &plan);
    let bytes = exported(&folder.path().join("plan.okr"));
    let folder = folder.with("board.xlsx", &bytes);
    let done = import(&folder, &[]).exits(0);
    assert!(done.stdout().ends_with("2026-03-31\nnothing to change\n"), "{}", done.whole());
    let edited = Sheets(bytes)
        .put("Key results!E1502", "short")
        .put("Key results!H1502", 5.0)
        .put("Key results!K1503", "one\ntwo");
    let folder = folder.with("board.xlsx", &edited.0);
    import(&folder, &[]).exits(0).prints("3 changes\n").prints("formula replaced");
    let wanted = plan
        .replace(&long, "short")
        .replace("baseline * 2", "5")
        .replace("note \"one\\ntwo \\\\n\"; note \" three \"", "note \"one\"; note \"two\"");
    let found = folder.read("plan.okr");
    assert!(found == wanted, "{:?}", difference(&wanted, &found));
}

/// A check-in of a large plan is changed where it stands.
#[test]
fn a_check_in_of_a_large_plan_comes_back() {
    let mut plan =
        "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nteam t \"T\" { people 5 }\n".to_owned();
    for objective in 0..300 {
        plan.push_str(&format!("objective o{objective} \"Objective {objective}\" {{ owner t\n"));
        for kr in 0..5 {
            plan.push_str(&format!("  kr k{kr} \"Result {kr}\" {{ target {} }}\n", kr + 2));
        }
        plan.push_str("}\n");
    }
    plan.push_str("2026-02-01 checkin o7.k3 2\n");
    let folder = Folder::new().with("plan.okr", &plan);
    let bytes = exported(&folder.path().join("plan.okr"));
    let edited = Sheets(bytes).put("Key results!I40", 3.0);
    let folder = folder.with("board.xlsx", &edited.0);
    let done = import(&folder, &[]).exits(0).prints("1 change\n");
    assert!(!done.stdout().contains("warning"), "{}", done.whole());
    let wanted = plan.replace("checkin o7.k3 2\n", "checkin o7.k3 3\n");
    assert_eq!(folder.read("plan.okr"), wanted);
}

#[test]
fn numbers_are_written_where_they_stand_and_as_they_were_spelled() {
    let edited = book()
        .put("Key results!G2", 950.0)
        .put("Key results!F2", 3.0)
        .put("Key results!I2", 580.0)
        .put("Key results!I3", 0.034)
        .put("Key results!I4", 95_500.0)
        .put("Key results!I5", 3.0)
        .put("Key results!I10", 900.0)
        .put("Key results!H11", 50_000.0)
        .put("Metrics!C2", 4_300_000.0)
        .put("Capacity!C6", 7.0)
        .put("Capacity!D6", 2.5)
        .put("Capacity!E6", 0.75)
        .put("Capacity!D11", 0.55)
        .put("Capacity!C16", 5.0);
    let wanted = [
        "-team shop \"Web shop\" { people 6; leave 3 pw; focus 80%",
        "-  bucket roadmap 50%  # half of it",
        "+team shop \"Web shop\" { people 7; leave 2.5 pw; focus 75%",
        "+  bucket roadmap 55%  # half of it",
        "-metric arr \"Recurring revenue\" 4.2M EUR",
        "+metric arr \"Recurring revenue\" 4.3M EUR",
        "-    baseline 900 ms   # of last year",
        "+    baseline 950 ms   # of last year",
        "-    weight 2",
        "+    weight 3",
        "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
        "+  kr features \"Features on the way\" { target 6 features; actual 3 features }",
        "-  kr bill \"The bill\" { baseline 61k EUR; target 48k EUR }",
        "+  kr bill \"The bill\" { baseline 61k EUR; target 50k EUR }",
        "-initiative cache \"Edge cache\" { draws 4 pw from shop.roadmap; moves speed.latency by -250 ms }",
        "+initiative cache \"Edge cache\" { draws 5 pw from shop.roadmap; moves speed.latency by -250 ms }",
        "-2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.6",
        "+2026-02-28 checkin speed.latency 580 ms expecting 450 ms confidence 0.6",
        "+2026-02-28 checkin speed.conversion 3.4%",
        "+2026-02-28 checkin speed.revenue 95.5k EUR",
        "+2026-02-28 checkin trust.calls 900 calls",
    ];
    changes(&edited, &[], &wanted).prints("14 changes");
}

#[test]
fn words_titles_notes_and_confidence() {
    let edited = book()
        .put("Key results!I7", "done")
        .put("Key results!I8", "running")
        .put("Key results!E8", "The \"pilot\"\nin two lines")
        .put("Key results!J2", 0.7)
        .put("Key results!J3", 0.65)
        .put("Key results!K3", "Of all visits, weekly.")
        .put("Key results!K2", "=1+1")
        .put("Key results!I9", "n/a");
    let wanted = [
        "-    weight 2",
        "+    weight 2",
        "+    note \"=1+1\"",
        "-    note \"Of all visits.\"",
        "+    note \"Of all visits, weekly.\"",
        "-  kr pilot \"The pilot\" { grading milestones \"signed\" -> 0.3, \"running\" -> 0.6, \"decided\" -> 1 }",
        "+  kr pilot \"The \\\"pilot\\\"\\nin two lines\" { grading milestones \"signed\" -> 0.3, \"running\" -> 0.6, \"decided\" -> 1 }",
        "-2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.6",
        "-2026-02-14 checkin speed.conversion 3.3% confidence 60%",
        "+2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.7",
        "+2026-02-14 checkin speed.conversion 3.3% confidence 65%",
        "+2026-02-28 checkin trust.pci done",
        "+2026-02-28 checkin trust.pilot \"running\"",
        "+2026-02-28 checkin trust.score n/a",
    ];
    let wanted: Vec<&str> =
        wanted.into_iter().filter(|line| !line.ends_with("    weight 2")).collect();
    changes(&edited, &[], &wanted);
}

#[test]
fn an_amended_value_is_edited_in_its_amendment_or_amended_again() {
    let edited = book().put("Key results!H3", 0.037).put("Key results!H2", 450.0);
    let wanted = [
        "-    target 400 ms",
        "+    target 450 ms",
        "-2026-02-24 amended speed.conversion.target 3.8% \"fewer visits\"",
        "+2026-02-24 amended speed.conversion.target 3.7% \"fewer visits\"",
    ];
    changes(&edited, &[], &wanted);
    let wanted = [
        "+2026-02-28 amended speed.latency.target 450 ms",
        "+2026-02-28 amended speed.conversion.target 3.7%",
    ];
    changes(&edited, &["--amend"], &wanted);
}

#[test]
fn observations_go_to_the_day_that_is_asked_for() {
    let edited = book().put("Key results!I3", 0.034);
    changes(&edited, &["--as-of", "2026-03-02"], &["+2026-03-02 checkin speed.conversion 3.4%"]);
}

#[test]
fn what_both_have_changed_is_a_conflict() {
    let edited = book().put("Key results!I2", 580.0).put("Key results!H10", 500.0);
    let folder = folder(&edited);
    let plan = board().replace("target 600 calls", "target 650 calls")
        + "2026-03-05 checkin speed.latency 590 ms\n";
    fs::write(folder.path().join("plan.okr"), &plan).expect("it can be written");
    let done = import(&folder, &[]).exits(3);
    assert_eq!(folder.read("plan.okr"), plan);
    let whole = done.whole();
    for part in [
        "speed.latency actual: base 610 ms, ours 590 ms (plan.okr:57), theirs 580 ms (Key results!I2)",
        "trust.calls target: base 600 calls, ours 650 calls (plan.okr:40), theirs 500 calls (Key results!H10)",
        "nothing was written: 2 conflicts are open",
    ] {
        assert!(whole.contains(part), "{part}\n{whole}");
    }
    import(&folder, &["--ours"]).exits(0);
    assert_eq!(folder.read("plan.okr"), plan);
    import(&folder, &["--theirs"]).exits(0);
    let found = difference(&plan, &folder.read("plan.okr"));
    let wanted = [
        "-  kr calls \"Calls a week\" { baseline 1_200 calls; target 650 calls }",
        "+  kr calls \"Calls a week\" { baseline 1_200 calls; target 500 calls }",
        "-2026-03-05 checkin speed.latency 590 ms",
        "+2026-03-05 checkin speed.latency 580 ms",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn what_only_the_plan_has_changed_stays() {
    let folder = folder(&book().put("Key results!I5", 4.0));
    let plan = board().replace("target 600 calls", "target 650 calls");
    fs::write(folder.path().join("plan.okr"), &plan).expect("it can be written");
    import(&folder, &[]).exits(0).prints("1 change");
    let wanted = plan.replace("actual 2 features", "actual 4 features");
    assert_eq!(folder.read("plan.okr"), wanted);
}

#[test]
fn two_workbooks_of_one_base_are_merged_one_after_the_other() {
    let (one, two) = (book().put("Key results!I5", 4.0), book().put("Key results!F5", 2.0));
    let folder = folder(&one);
    import(&folder, &[]).exits(0);
    fs::write(folder.path().join("board.xlsx"), &two.0).expect("it can be written");
    import(&folder, &[]).exits(0).prints("1 change");
    let wanted = board().replace("actual 2 features }", "actual 4 features; weight 2 }");
    assert_eq!(folder.read("plan.okr"), wanted);
}

#[test]
fn emptied_inputs_are_proposed_deletions() {
    let edited = book()
        .put("Key results!G2", Put::Empty)
        .put("Key results!K3", Put::Empty)
        .put("Key results!I5", Put::Empty)
        .put("Key results!J2", Put::Empty);
    leaves(&edited, &[], 0, "4 proposed deletions");
    let folder = folder(&edited);
    import(&folder, &["--delete"]).exits(0);
    let found = difference(&board(), &folder.read("plan.okr"));
    let wanted = [
        "-    baseline 900 ms   # of last year",
        "-    note \"Of all visits.\"",
        "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
        "+  kr features \"Features on the way\" { target 6 features }",
        "-2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.6",
        "+2026-02-28 checkin speed.latency 610 ms expecting 450 ms",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_missing_row_is_a_proposed_deletion() {
    let edited = book().clear_row("Key results", 10);
    leaves(&edited, &[], 0, "trust.calls: the whole key result");
    let wanted = [
        "-  kr calls \"Calls a week\" { baseline 1_200 calls; target 600 calls }",
        "-2026-02-21 checkin trust.calls 1_000 calls",
    ];
    changes(&edited, &["--delete"], &wanted);
}

#[test]
fn what_is_read_elsewhere_cannot_be_deleted() {
    let edited = book().clear_row("Metrics", 2);
    leaves(&edited, &["--delete"], 1, "`arr`");
}

#[test]
fn new_rows_become_key_results() {
    let edited = book()
        .put("Key results!B12", "speed")
        .put("Key results!D12", "ms")
        .put("Key results!E12", "p50 of the checkout: \"half\"")
        .put("Key results!F12", 2.0)
        .put("Key results!G12", 300.0)
        .put("Key results!H12", 150.0)
        .put("Key results!I12", 280.0)
        .put("Key results!J12", 0.5)
        .put("Key results!K12", "As asked.")
        .put("Key results!B13", "Nobody doubts us")
        .put("Key results!E13", "Weight")
        .put("Key results!I13", "open")
        .put("Key results!B14", "A new aim")
        .put("Key results!C14", "Lab")
        .put("Key results!D14", "%")
        .put("Key results!E14", "Share of something")
        .put("Key results!H14", 0.25);
    let wanted = [
        "+  kr p50_of_the_checkout_half \"p50 of the checkout: \\\"half\\\"\" {",
        "+    baseline 300 ms",
        "+    target 150 ms",
        "+    weight 2",
        "+    note \"As asked.\"",
        "+  }",
        "+  kr weight_2 \"Weight\" {",
        "+    grading done",
        "+  }",
        "+",
        "+objective a_new_aim \"A new aim\" {",
        "+  owner lab",
        "+  kr share_of_something \"Share of something\" {",
        "+    target 25%",
        "+  }",
        "+}",
        "+2026-02-28 checkin speed.p50_of_the_checkout_half 280 ms confidence 0.5",
        "+2026-02-28 checkin trust.weight_2 open",
    ];
    let mut found = changes_sorted(&edited);
    let mut wanted: Vec<String> = wanted.map(str::to_owned).to_vec();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}

fn changes_sorted(edited: &Sheets) -> Vec<String> {
    let folder = folder(edited);
    import(&folder, &[]).exits(0);
    let once = folder.read("plan.okr");
    folder.okr(["check", "plan.okr"]).run().exits(0);
    let again = import(&folder, &[]).exits(0);
    assert_eq!(folder.read("plan.okr"), once, "{}", again.whole());
    difference(&board(), &once)
}

#[test]
fn a_new_row_needs_what_a_key_result_needs() {
    let nameless = book().put("Key results!B12", "speed").put("Key results!H12", 5.0);
    leaves(&nameless, &[], 3, "a new key result needs a title and an objective");
    let homeless = book()
        .put("Key results!B12", "nowhere")
        .put("Key results!E12", "X")
        .put("Key results!H12", 5.0);
    leaves(&homeless, &[], 3, "a new one wants an owner");
    let aimless = book().put("Key results!B12", "speed").put("Key results!E12", "X");
    leaves(&aimless, &[], 3, "needs a target");
}

#[test]
fn a_copied_row_is_asked_about() {
    let edited = book().copy_row("Key results", 5, 12).put("Key results!I12", 5.0);
    leaves(&edited, &[], 3, "the key stands in row 5 already: a copied row");
    leaves(&edited, &["--ours"], 0, "ours taken");
}

#[test]
fn a_misplaced_title_and_a_partial_sort_are_refused() {
    let misplaced =
        book().put("Key results!E2", "Visit to order").put("Key results!E3", "p95 of the checkout");
    leaves(
        &misplaced,
        &[],
        4,
        "holds the title of `speed.conversion` in the row of `speed.latency`",
    );
    let sorted = book()
        .put("Key results!I2", 90_000.0)
        .put("Key results!I4", 1_000.0)
        .put("Key results!I10", 610.0);
    leaves(&sorted, &[], 4, "sorted without the other columns");
    let folder = folder(&sorted);
    import(&folder, &["--accept-permutation"]).exits(0).prints("3 changes");
}

#[test]
fn a_copied_sheet_is_refused_until_one_is_named() {
    // The metrics sheet becomes a second table of key results.
    let edited = book().put("Metrics!B1", "actual").put("Metrics!C1", "target");
    leaves(&edited, &[], 4, "there are 2 tables of key results, on `Key results` and `Metrics`");
    leaves(&edited, &["--sheet", "Key results", "--skip-untaken"], 0, "nothing to change");
    leaves(&book(), &["--sheet", "Nowhere"], 4, "it has no sheet `Nowhere`");
}

#[test]
fn sheets_may_be_renamed() {
    let edited = book()
        .put("Key results!I5", 4.0)
        .rename("Key results", "Quartal")
        .rename("Scorecard", "Stand");
    let wanted = [
        "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
        "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
    ];
    changes(&edited, &[], &wanted);
}

#[test]
fn what_has_no_place_in_the_plan_is_listed() {
    let edited = book()
        .put("Key results!D2", "s")
        .put("Key results!U2", "a remark")
        .put("How to!D3", "thanks")
        .put("Key results!I5", "many")
        .put("Key results!H6", 3.0)
        .put("Key results!A40", "speed.nothing")
        .put("Key results!I40", 5.0);
    let done = leaves(&edited, &[], 3, "6 changed cells have no place in the plan");
    for part in [
        "not taken: Key results!D2 s: a grey cell",
        "edit plan.okr:18",
        "not taken: Key results!U2 a remark",
        "not taken: How to!D3 thanks",
        "not taken: Key results!I5 many: `many` is no number; edit plan.okr:31",
        "not taken: Key results!H6 3: the key result is graded by a rule of its own",
        "not taken: Key results!I40 5: there is no key result `speed.nothing` in the plan",
    ] {
        assert!(done.stdout().contains(part), "{part}\n{}", done.whole());
    }
    leaves(&edited, &["--skip-untaken"], 0, "nothing to change");
}

#[test]
fn numbers_typed_as_text_are_read_where_they_can_mean_one_thing() {
    let edited = book()
        .put("Key results!I2", "0,58 s")
        .put("Key results!I3", "3,4 %")
        .put("Key results!I5", "\u{a0}4 ")
        .put("Key results!I7", Put::Bool(true))
        .put("Key results!I8", " Running")
        .put("Key results!F2", "2,5")
        .put("Metrics!C2", "4.3M EUR");
    let wanted = [
        "-metric arr \"Recurring revenue\" 4.2M EUR",
        "+metric arr \"Recurring revenue\" 4.3M EUR",
        "-    weight 2",
        "+    weight 2.5",
        "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
        "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
        "-2026-02-28 checkin speed.latency 610 ms expecting 450 ms confidence 0.6",
        "+2026-02-28 checkin speed.latency 580 ms expecting 450 ms confidence 0.6",
        "+2026-02-28 checkin speed.conversion 3.4%",
        "+2026-02-28 checkin trust.pci done",
        "+2026-02-28 checkin trust.pilot \"running\"",
    ];
    changes(&edited, &[], &wanted).prints("7 values read as something else");
    let unclear = book().put("Key results!I10", "1,100");
    leaves(&unclear, &[], 3, "may be 1.1 or 1100");
    let percent = book().put("Key results!I3", 65.0);
    leaves(&percent, &[], 3, "65 in a percent cell is 6500%; was 65% meant?");
}

#[test]
fn errors_are_refused_with_their_cell() {
    let edited = book().put("Key results!I2", Put::Error("#DIV/0!"));
    leaves(&edited, &[], 4, "Key results!I2 holds #DIV/0!");
}

#[test]
fn formulas_stay_unless_a_constant_replaces_them() {
    // Programs rewrite a formula's text.
    let rewritten =
        book().put("Key results!H4", Put::Formula("Metrics!$C$2*5/100".into(), Some(210_000.0)));
    leaves(&rewritten, &[], 0, "nothing to change");
    let pasted = book().put("Key results!H4", 210_000.0);
    leaves(&pasted, &[], 0, "pasted");
    let followed = book().put("Metrics!C2", 5_000_000.0).put("Key results!H4", 250_000.0);
    let wanted =
        ["-metric arr \"Recurring revenue\" 4.2M EUR", "+metric arr \"Recurring revenue\" 5M EUR"];
    let folder = folder(&followed);
    import(&folder, &[]).exits(0).prints("holds what the sheet's own inputs give, pasted");
    assert_eq!(difference(&board(), &folder.read("plan.okr")), wanted);
    let replaced = book().put("Key results!H4", 300_000.0);
    let wanted = ["-    target arr * 5%", "+    target 300000 EUR"];
    changes(&replaced, &[], &wanted).prints("formula replaced: speed.revenue target");
    let rest = book().put("Capacity!D12", 0.3);
    let wanted =
        ["-  bucket run \"Keep it running\" rest", "+  bucket run \"Keep it running\" 30%"];
    changes(&rest, &[], &wanted).prints("formula replaced: shop.run share");
}

#[test]
fn a_formula_in_a_number_s_cell_counts_by_its_result() {
    let typed = book().put("Key results!I5", Put::Formula("1+3".into(), Some(4.0)));
    let wanted = [
        "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
        "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
    ];
    changes(&typed, &[], &wanted).prints("is a formula now; its result 4 features is taken");
    let empty = book().put("Key results!I5", Put::Formula("1+3".into(), None));
    leaves(&empty, &[], 0, "is a formula whose result the workbook does not hold");
}

#[test]
fn computed_cells_are_never_imported() {
    let edited = book().put("Key results!M2", 1.0).put("Scorecard!D5", 0.9);
    let done = leaves(&edited, &[], 0, "nothing to change");
    assert!(done.stdout().contains("Key results!M2: grade was overwritten"), "{}", done.whole());
    assert!(done.stdout().contains("Scorecard!D5: a computed cell was overwritten"));
}

#[test]
fn without_its_base_a_workbook_is_merged_two_ways() {
    let edited = book().put("Key results!I5", 4.0).empty_sheet("_okr");
    leaves(&edited, &[], 3, "the workbook has no base for it");
    let folder = folder(&edited);
    import(&folder, &["--theirs"]).exits(0);
    let wanted = board().replace("actual 2 features", "actual 4 features");
    assert_eq!(folder.read("plan.okr"), wanted);
}

#[test]
fn a_dry_run_writes_nothing() {
    let edited = book().put("Key results!I5", 4.0);
    leaves(&edited, &["--dry-run"], 0, "a dry run: nothing was written").prints("1 change");
}

#[test]
fn the_receipt_is_data_too() {
    let edited = book().put("Key results!I5", "4").put("How to!D3", "thanks");
    let done = leaves(&edited, &["--format", "json"], 3, "okr.import/1");
    let receipt: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
    assert_eq!(receipt["schema"], "okr.import/1");
    assert_eq!(receipt["written"], false);
    assert_eq!(receipt["changes"][0]["key"], "speed.features");
    assert_eq!(receipt["changes"][0]["to"], "4 features");
    assert_eq!(receipt["changes"][0]["cell"], "Key results!I5");
    assert_eq!(receipt["not_taken"][0]["cell"], "How to!D3");
    assert_eq!(receipt["coercions"][0]["from"], "4");
}

#[test]
fn a_plan_that_would_not_be_sound_is_not_written() {
    let edited = book().put("Key results!I9", 0.5).put("Key results!H2", 900.0);
    let done = leaves(&edited, &[], 3, "1 changed cell has no place in the plan");
    let wanted = "not taken: Key results!H2 900 ms: the plan refuses it: baseline and target are both 900 ms";
    let done = done.prints(wanted);
    assert!(!done.whole().contains("-->"), "{}", done.whole());
    let found = changes_of(&board(), &edited.put("Key results!I5", 4.0), &["--skip-untaken"]);
    assert_eq!(
        found,
        [
            "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
            "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
            "+2026-02-28 checkin trust.score 0.5",
        ]
    );
}

/// The lines of a plan that an import changes.
fn changes_of(plan: &str, book: &Sheets, options: &[&str]) -> Vec<String> {
    let folder = Folder::new().with("plan.okr", plan).with("board.xlsx", &book.0);
    import(&folder, options).exits(0);
    difference(plan, &folder.read("plan.okr"))
}

#[test]
fn several_files_and_their_line_ends_are_kept() {
    let text = board().replace('\n', "\r\n");
    let (head, tail) = text.split_at(text.find("objective trust").expect("it is there"));
    let (trust, rest) = tail.split_at(tail.find("initiative").expect("it is there"));
    let root = format!("{}include \"trust.okr\"\r\n{head}{rest}", "okr 1\r\n").replacen(
        "okr 1\r\n",
        "okr 1\r\n",
        1,
    );
    let root = root.replacen("okr 1\r\n\r\n#", "\r\n#", 1).replace("\r\nokr 1\r\n", "\r\n");
    let folder = Folder::new().with("plan.okr", &root).with("trust.okr", trust);
    folder.okr(["check", "plan.okr"]).run().exits(0);
    folder.okr(["export", "plan.okr", "-o", "board.xlsx"]).run().exits(0);
    let bytes = fs::read(folder.path().join("board.xlsx")).expect("it was written");
    let edited = Sheets(bytes);
    // Trust comes first in this plan: its rows stand above.
    let edited = edited
        .put("Key results!H5", 700.0)
        .put("Key results!I2", "done")
        .put("Key results!I10", 5.0);
    fs::write(folder.path().join("board.xlsx"), &edited.0).expect("it can be written");
    import(&folder, &[]).exits(0).prints("3 changes");
    let changed = folder.read("trust.okr");
    assert_eq!(
        changed,
        trust.replace("target 600 calls", "target 700 calls")
            + "2026-02-28 checkin trust.pci done\r\n"
    );
    assert_eq!(folder.read("plan.okr"), root.replace("actual 2 features", "actual 5 features"));
}

#[test]
fn at_the_prompt_an_import_can_be_undone() {
    let folder = folder(&book().put("Key results!I5", 4.0));
    let script = ":import board.xlsx\nspeed.features.actual\n:undo\nspeed.features.actual\n:quit\n";
    let done = folder.okr(["repl", "plan.okr"]).stdin(script).run();
    let said = done.stdout();
    assert!(said.contains("taken over; `:save` writes it\n"), "{}", done.whole());
    assert!(!said.contains("written\n"), "{}", done.whole());
    let (taken, undone) = (said.find("4 features"), said.rfind("2 features"));
    assert!(taken.is_some() && undone > taken, "{}", done.whole());
    assert_eq!(folder.read("plan.okr"), board());
}

/// A row that has lost its key is known by its objective and its title: it is not gone.
#[test]
fn a_row_without_its_key_is_no_deletion() {
    let edited = book().put("Key results!A5", Put::Empty).put("Key results!I5", 4.0);
    let done = changes(
        &edited,
        &["--delete"],
        &[
            "-  kr features \"Features on the way\" { target 6 features; actual 2 features }",
            "+  kr features \"Features on the way\" { target 6 features; actual 4 features }",
        ],
    );
    assert!(!done.stdout().contains("deletion"), "{}", done.whole());
}

#[test]
fn a_title_of_spaces_is_none() {
    leaves(&book().put("Key results!E2", "   "), &[], 3, "a title cannot be empty");
    changes(&book().put("Key results!K2", " \n "), &[], &[]);
}

#[test]
fn an_input_column_that_is_gone_is_told() {
    let without = book().put("Key results!K1", Put::Empty);
    leaves(&without, &[], 0, "Key results: the column `note` is gone; nothing was read from it");
}

#[test]
fn what_is_not_taken_names_the_line_to_edit() {
    let says = "Check-ins!D2 1: this cell is none that is read; edit plan.okr:47";
    leaves(&book().put("Check-ins!D2", 1.0), &[], 3, says);
    // Its own cell is named, though there is another 1 in the sheet.
    let overwritten = book().put("Scorecard!D5", 1.0);
    leaves(&overwritten, &[], 0, "Scorecard!D5: a computed cell was overwritten");
}

#[test]
fn own_notes_are_known_without_a_base() {
    let without = book().empty_sheet("_okr").put("Key results!I5", 4.0);
    let folder = folder(&without);
    let done = import(&folder, &["--theirs"]).exits(0);
    assert!(!done.whole().contains("The rest"), "{}", done.whole());
}

/// The inputs of a workbook that hold a number typed by hand: the cell, `key field`, and the number.
fn numbers(bytes: &[u8]) -> Vec<(String, String, f64)> {
    let workbook = crate::workbook_export::read(bytes.to_vec());
    let mut found = Vec::new();
    for (name, columns) in [
        ("Key results", &["weight", "baseline", "target", "actual", "confidence"][..]),
        ("Metrics", &["value"]),
        ("Capacity", &["people", "leave", "focus", "share", "draws"]),
    ] {
        let Some(sheet) = workbook.sheet(name) else { continue };
        let mut header: Vec<(u32, String)> = Vec::new();
        for (_, cells) in sheet.rows() {
            if cells.iter().any(|cell| cell.text() == Some("key")) {
                let words =
                    cells.iter().filter_map(|cell| Some((cell.at.column, cell.text()?.to_owned())));
                header = words.collect();
                continue;
            }
            let key = cells.first().filter(|cell| cell.at.column == 0).and_then(|cell| cell.text());
            let Some(key) = key.filter(|_| !header.is_empty()) else { continue };
            for cell in cells.iter().filter(|cell| !cell.is_formula()) {
                let word =
                    header.iter().find(|(at, _)| *at == cell.at.column).map(|(_, word)| word);
                if let (Some(number), Some(word)) = (cell.number(), word)
                    && columns.contains(&word.as_str())
                {
                    found.push((format!("{name}!{}", cell.at), format!("{key} {word}"), number));
                }
            }
        }
    }
    found
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 24,
        ..proptest::test_runner::Config::default()
    })]
    /// Some numbers are changed by hand; exactly those come back, with exactly those values.
    #[test]
    fn so_many_edits_are_so_many_changes(
        plan in 0..3_usize,
        picks in proptest::collection::btree_map(0..400_usize, 1..60_i32, 1..9),
    ) {
        let plans = ["samples/department.okr", BOARD, "tests/fixtures/every-rule.okr"];
        let path = root().join(plans[plan]);
        let bytes = exported(&path);
        let inputs = numbers(&bytes);
        let mut wanted: Vec<(String, f64)> = Vec::new();
        let mut edited = Sheets(bytes);
        for (pick, step) in &picks {
            let (cell, what, number) = &inputs[pick % inputs.len()];
            if wanted.iter().any(|(it, _)| it == what) {
                continue;
            }
            // Downwards, so that shares still fit and percentages stay below 1.
            let new = number * (1.0 - f64::from(*step) / 1000.0);
            if new == *number {
                continue;
            }
            let new: f64 = format!("{new:.14e}").parse().expect("a number");
            edited = edited.put(cell, new);
            wanted.push((what.clone(), new));
        }
        let folder = Folder::new().with("plan.okr", read(&path)).with("board.xlsx", &edited.0);
        let done = import(&folder, &["--format", "json", "--accept-permutation"]);
        let receipt: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
        // A change may make the plan unsound, as an unfair share or a target at its baseline: then
        // nothing is written.
        if done.code() == 0 {
            let changes = receipt["changes"].as_array().expect("there is a list");
            let mut found: Vec<String> = changes
                .iter()
                .map(|it| format!("{} {}", it["key"].as_str().unwrap_or(""), it["field"].as_str().unwrap_or("")))
                .collect();
            found.sort();
            let mut names: Vec<String> = wanted.iter().map(|(what, _)| what.clone()).collect();
            names.sort();
            proptest::prop_assert_eq!(found, names);
            let again = numbers(&exported(&folder.path().join("plan.okr")));
            for (what, number) in wanted {
                let now = again.iter().find(|(_, it, _)| *it == what).map(|it| it.2);
                let same = now.is_some_and(|now| (now - number).abs() <= 1e-14 * number.abs());
                proptest::prop_assert!(same, "{what}: {now:?} instead of {number}");
            }
        } else {
            proptest::prop_assert_eq!(done.code(), 1, "{}", done.whole());
            proptest::prop_assert_eq!(folder.read("plan.okr"), read(&path));
        }
    }
}
