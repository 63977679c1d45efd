//! Many small plans, each edited at random and saved by LibreOffice: k edits come back as exactly k
//! changes, and saving alone as none.

use crate::harness::{Folder, read, root};
use crate::support::office::{all_resaved, converted, soffice};
use crate::support::sheet::{Put, Sheets};
use crate::workbook_export::exported;
use std::collections::BTreeMap;

/// How many plans are made.
const PLANS: u64 = 40;

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.roll(all.len() as u64) as usize]
    }
}

/// A key result of a plan: its path, and how its numbers are written.
struct Kr {
    path: String,
    percent: bool,
    dated: bool,
    formula: bool,
}

/// A plan of a few objectives, with what stands in the rows of its workbook.
fn plan(dice: &mut Dice) -> (String, Vec<Kr>) {
    let mut text = "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\n\
                    team t \"Team & Söhne\" { people 5; bucket run 40%; bucket build rest }\n"
        .to_owned();
    let mut krs = Vec::new();
    let mut dated = String::new();
    for objective in 0..1 + dice.roll(3) {
        text.push_str(&format!("objective o{objective} \"Objective {objective}\" {{ owner t\n"));
        for number in 0..1 + dice.roll(5) {
            let unit = dice.pick(&["", " ms", " EUR", "%", "k EUR", " features"]);
            let percent = unit == "%";
            let from = 1 + dice.roll(20);
            let to = 40 + dice.roll(50);
            let title =
                dice.pick(&["Faster", "1/2 done", "=SUM(A1)", "Größer 🚆", "a \\\"word\\\""]);
            let formula = dice.roll(5) == 0;
            let target = if formula { "baseline * 3".to_owned() } else { format!("{to}{unit}") };
            let has_checkin = dice.roll(2) == 0;
            let path = format!("o{objective}.k{number}");
            let actual = if has_checkin { String::new() } else { format!("; actual {to}{unit}") };
            text.push_str(&format!(
                "  kr k{number} \"{title} {number}\" {{ baseline {from}{unit}; target {target}{actual} }}\n"
            ));
            if has_checkin {
                dated.push_str(&format!(
                    "2026-02-01 checkin {path} {from}{unit}\n2026-03-01 checkin {path} {to}{unit}\n"
                ));
            }
            krs.push(Kr { path, percent, dated: has_checkin, formula });
        }
        text.push_str("}\n");
    }
    (text + &dated, krs)
}

/// The edits of a workbook: what is typed into which cells, and which field of which key that is.
fn edits(dice: &mut Dice, krs: &[Kr]) -> BTreeMap<String, (String, Put)> {
    let mut edits = BTreeMap::new();
    for edit in 0..dice.roll(7) {
        let at = dice.roll(krs.len() as u64) as usize;
        let kr = &krs[at];
        let row = at + 2;
        // Never the same twice: what is exchanged between rows would be a sort.
        let fresh = 101.0 + edit as f64 * 7.5;
        let number = if kr.percent { fresh / 1000.0 } else { fresh };
        let (column, field, put) = match dice.roll(6) {
            0 => ("E", "title", Put::Text(format!("Renamed & <{edit}> — “{at}” 🎯"))),
            1 => ("F", "weight", Put::Number(2.0 + edit as f64)),
            2 if !kr.formula => ("H", "target", Put::Number(number)),
            3 => ("K", "note", Put::Text(format!("Leadership said {edit}.\nTwice."))),
            4 if kr.dated => ("J", "confidence", Put::Number(0.25 + edit as f64 / 20.0)),
            _ => ("I", "actual", Put::Number(number)),
        };
        edits.insert(format!("Key results!{column}{row}"), (format!("{} {field}", kr.path), put));
    }
    edits
}

#[test]
fn random_edits_through_libreoffice() {
    let Some(soffice) = soffice() else { return };
    let mut dice = Dice(2026);
    let mut folder = Folder::new();
    let mut wanted = Vec::new();
    let mut books = Vec::new();
    for number in 0..PLANS {
        let (text, krs) = plan(&mut dice);
        let name = format!("plan{number}.okr");
        folder = folder.with(&name, &text);
        let edits = edits(&mut dice, &krs);
        let mut book = Sheets(exported(&folder.path().join(&name)));
        for (cell, (_, put)) in &edits {
            book = book.put(cell, put.clone());
        }
        books.push((format!("book{number}.xlsx"), book.0));
        let mut fields: Vec<String> = edits.into_values().map(|(what, _)| what).collect();
        fields.sort();
        wanted.push(fields);
    }
    let saved = all_resaved(&soffice, &books, folder.path());
    for (number, (book, wanted)) in saved.iter().zip(wanted).enumerate() {
        let (name, plan) = (format!("saved{number}.xlsx"), format!("plan{number}.okr"));
        folder = folder.with(&name, book);
        let done = folder.okr(["import", &name, "--into", &plan, "--format", "json"]).run();
        let before = folder.read(&plan);
        let done = done.exits(0);
        let receipt: serde_json::Value = serde_json::from_str(done.stdout()).expect("it is JSON");
        let part = |it: &serde_json::Value, name: &str| it[name].as_str().unwrap_or("").to_owned();
        let changes = receipt["changes"].as_array().expect("there is a list");
        let mut found: Vec<String> =
            changes.iter().map(|it| format!("{} {}", part(it, "key"), part(it, "field"))).collect();
        found.sort();
        assert_eq!(found, wanted, "{plan}\n{before}\n{}", done.whole());
        let again = folder.okr(["import", &name, "--into", &plan]).run().exits(0);
        assert!(again.stdout().ends_with("nothing to change\n"), "{}", again.whole());
    }
}

/// The old format shares formulas between rows, and its reader does not see them: no cell is said to
/// have been overwritten for that.
#[test]
fn the_old_format_comes_back() {
    let Some(soffice) = soffice() else { return };
    let board = root().join("tests/fixtures/board.okr");
    let folder = Folder::new().with("plan.okr", read(&board));
    let edited = Sheets(exported(&board)).put("Key results!I5", 4.0);
    let old = converted(&soffice, &edited.0, folder.path(), "xls:MS Excel 97", "xls");
    let folder = folder.with("board.xls", old);
    let done = folder.okr(["import", "board.xls", "--into", "plan.okr"]).run().exits(0);
    let done = done.prints("1 change\n").prints("speed.features actual").prints("1 warning\n");
    assert!(!done.stdout().contains("was overwritten; it is computed"), "{}", done.whole());
}
