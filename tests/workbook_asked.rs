//! What an import cannot take as it stands: values of which it is asked what they mean, values that
//! the plan refuses, and a workbook of another plan.

use crate::harness::{Done, Folder, read, root};
use crate::support::office::soffice;
use crate::support::sheet::{Put, Sheets};
use crate::workbook_export::exported;
use okr::workbook::read::Value;
use serde_json::Value as Json;

const PLAN: &str = "samples/department.okr";

fn plan() -> String {
    read(root().join(PLAN))
}

fn book() -> Sheets {
    Sheets(exported(&root().join(PLAN)))
}

fn folder(book: &Sheets) -> Folder {
    Folder::new().with("plan.okr", plan()).with("board.xlsx", &book.0)
}

fn import(folder: &Folder, options: &[&str]) -> Done {
    let start = ["import", "board.xlsx", "--into", "plan.okr"];
    folder.okr([&start[..], options].concat()).run()
}

/// The lines that an import has added to the plan, or changed there.
fn new_lines(folder: &Folder) -> Vec<String> {
    let (before, now) = (plan(), folder.read("plan.okr"));
    let lines = similar::TextDiff::from_lines(&before, &now);
    let new = lines.iter_all_changes().filter(|it| it.tag() == similar::ChangeTag::Insert);
    new.map(|it| it.value().trim_end().to_owned()).collect()
}

#[test]
fn what_65_in_a_percent_cell_means_is_a_question() {
    let folder = folder(&book().put("Key results!I2", 65.0));
    let question = "growth.digital_share actual: 65 in a percent cell is 6500%; was 65% meant? \
                    (Key results!I2; the plan holds 63%, plan.okr:714)";
    for options in [&[][..], &["--theirs"]] {
        let done =
            import(&folder, options).exits(3).prints("1 question about a value").prints(question);
        let done = done.says("1 question about a value is open: `--as-meant` takes 65%");
        assert!(!done.whole().contains("conflict"), "{}", done.whole());
        assert_eq!(folder.read("plan.okr"), plan());
    }
    import(&folder, &["--ours"]).exits(0).prints("ours taken").prints("nothing to change");
    assert_eq!(folder.read("plan.okr"), plan());
    let data = import(&folder, &["--format", "json"]).exits(3);
    let data: Json = serde_json::from_str(data.stdout()).expect("it is JSON");
    let asked = &data["conflicts"][0];
    assert_eq!((&asked["question"], &asked["meant"]), (&Json::from(true), &Json::from("65%")));
    let done = import(&folder, &["--as-meant"]).exits(0);
    done.prints("63% -> 65%")
        .prints("Key results!I2: `65` read as 65% (as meant)")
        .prints("written");
    let wanted = "2026-09-25 checkin growth.digital_share 65% expecting 63.2% confidence 0.7";
    assert_eq!(new_lines(&folder), [wanted]);
    // Once it is taken there is nothing to ask.
    import(&folder, &[]).exits(0).prints("nothing to change");
}

#[test]
fn a_comma_is_meant_as_what_stood_there() {
    let edited = book().put("Key results!I10", "4,100").put("Key results!I25", "0,55");
    let folder = folder(&edited);
    let done = import(&folder, &["--theirs"]).exits(3);
    done.prints("season.in_app actual: `4,100` may be 4.1 or 4100; was 4100 meant?");
    import(&folder, &["--as-meant"]).exits(0).prints("4060 renewals -> 4100 renewals");
    import(&folder, &[]).exits(0).prints("nothing to change");
}

#[test]
fn both_a_question_and_a_conflict() {
    let folder = folder(&book().put("Key results!I2", 65.0));
    let moved = plan().replace("growth.digital_share 63.0%", "growth.digital_share 64.0%");
    let folder = folder.with("plan.okr", &moved);
    let done = import(&folder, &["--as-meant"]).exits(3).prints("1 conflict\n");
    done.prints("base 63%, ours 64% (plan.okr:714), theirs 65% (Key results!I2)");
    import(&folder, &["--as-meant", "--theirs"]).exits(0).prints("64% -> 65%");
}

#[test]
fn the_furthest_milestone_counts() {
    let back = book().put("Key results!I15", "live in the app").put("Key results!I8", 5.0);
    let folder = folder(&back);
    let said = "not taken: Key results!I15 live in the app: the furthest milestone counts, and `live in \
                every channel` was reached on 2026-09-11; to take that back, change its check-in; edit \
                plan.okr:676";
    import(&folder, &["--dry-run"]).exits(3).prints(said);
    import(&folder, &[]).exits(3).prints(said);
    assert_eq!(folder.read("plan.okr"), plan());
    import(&folder, &["--skip-untaken"]).exits(0).prints(said).prints("written");
    assert_eq!(new_lines(&folder), ["2026-09-25 checkin buying.gaps 5 features"]);
}

#[test]
fn what_the_plan_refuses_names_its_cell() {
    let edited = book()
        .put("Key results!J28", 1.4)
        .put("Key results!J27", 70.0)
        .put("Capacity!C7", -3.0)
        .put("Capacity!D14", "140%")
        .put("Capacity!D17", 0.65)
        .put("Key results!I8", 5.0);
    let folder = folder(&edited);
    let done = import(&folder, &[]).exits(3).says("4 changed cells have no place in the plan");
    for part in [
        "not taken: Key results!J28 1.4: 1.4 does not lie within 0..1",
        "not taken: Key results!J27 70: 70 does not lie within 0..1; write 0.7 for 70%",
        "not taken: Capacity!C7 -3: the plan refuses it: `people` cannot be negative, and this is -3",
        "not taken: Capacity!D14 140%: the plan refuses it: the shares of the team's buckets add up to 160%",
    ] {
        assert!(done.stdout().contains(part), "{part}\n{}", done.whole());
    }
    assert_eq!(folder.read("plan.okr"), plan());
    import(&folder, &["--skip-untaken"]).exits(0);
    let wanted = [
        "  bucket enable \"Make other teams faster\" 65%",
        "2026-09-25 checkin buying.gaps 5 features",
    ];
    assert_eq!(new_lines(&folder), wanted);
}

#[test]
fn a_workbook_of_another_plan_is_refused() {
    let other = "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nteam t \"T\" { people 5 }\n\
                 objective o \"O\" { owner t\n  kr a \"A\" { target 5 }\n}\n";
    let folder = Folder::new().with("plan.okr", other).with("board.xlsx", &book().0);
    let done = import(&folder, &["--theirs"]).exits(4);
    done.says("this workbook was exported from another plan: of its 36 keys (`buying.conversion`");
    assert_eq!(folder.read("plan.okr"), other);
}

#[test]
fn the_changed_cell_is_named_and_not_one_like_it() {
    let edited = book().put("Scenarios!C10", 1.0).put("Scenarios!D30", 0.123);
    let done = import(&folder(&edited), &[]).exits(3).prints("2 cells not taken");
    done.prints("not taken: Scenarios!C10 1:").prints("not taken: Scenarios!D30 0.123:");
}

/// `season.complaints` is held 83 % of the time, and broken now.
#[test]
fn a_broken_guardrail_says_so_in_its_row() {
    let band = |bytes: Vec<u8>, row: usize| {
        let book = crate::workbook_export::read(bytes);
        let sheet = book.sheet("Key results").expect("it is there");
        let cell = sheet.rows().flat_map(|(_, cells)| cells.to_vec());
        let place = format!("N{row}");
        match cell.into_iter().find(|cell| cell.at.to_string() == place).map(|cell| cell.value) {
            Some(Value::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let book = book();
    assert_eq!(band(book.0.clone(), 14), "broken");
    assert_eq!(band(book.0.clone(), 9), "holds");
    let Some(soffice) = soffice() else { return };
    let folder = Folder::new();
    let mended = book.put("Key results!I14", 39.0).put("Key results!I9", 0.9);
    let judged = crate::support::office::resaved(
        &soffice,
        &crate::support::office::emptied(&mended.0),
        folder.path(),
    );
    assert_eq!(band(judged.clone(), 14), "holds");
    assert_eq!(band(judged, 9), "broken");
}

/// A new row's value is asked about in the same words.
#[test]
fn a_new_row_is_taken_as_meant() {
    let edited = book()
        .put("Key results!B38", "growth")
        .put("Key results!D38", "%")
        .put("Key results!E38", "Riders who stay")
        .put("Key results!H38", 80.0)
        .put("Key results!A38", Put::Empty);
    let folder = folder(&edited);
    import(&folder, &[]).exits(3).prints("was 80% meant? `--as-meant` takes it so");
    import(&folder, &["--as-meant"]).exits(0).prints("`80` read as 80% (as meant)");
    assert!(folder.read("plan.okr").contains("target 80%"), "{}", folder.read("plan.okr"));
}
