//! An import that is killed, whenever that is: the plan is the old one or the new one, whole.

use crate::harness::{Folder, read};
use crate::support::sheet::Sheets;
use crate::workbook_export::exported;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

/// How often it is killed; the last third of the time, where the plan is written, twice as densely.
const KILLS: u32 = 30;

fn plan() -> String {
    let mut plan =
        "okr 1\ncycle q \"Q\" 2026-01-01 .. 2026-03-31\nteam t \"T\" { people 5 }\n".to_owned();
    for objective in 0..60 {
        plan.push_str(&format!("objective o{objective} \"Objective {objective}\" {{ owner t\n"));
        for kr in 0..5 {
            plan.push_str(&format!(
                "  kr k{kr} \"Result {kr}\" {{ target {}; actual 1 }}\n",
                kr + 2
            ));
        }
        plan.push_str("}\n");
    }
    plan
}

fn started(folder: &Folder) -> Child {
    let mut import = Command::new(env!("CARGO_BIN_EXE_okr"));
    import.args(["import", "board.xlsx", "--into", "plan.okr"]).current_dir(folder.path());
    import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    import.spawn().expect("it can be started")
}

/// The files of the folder that are neither the plan nor the workbook.
fn left_behind(folder: &Folder) -> Vec<String> {
    let all = fs::read_dir(folder.path()).expect("it can be listed").flatten();
    let names = all.map(|it| it.file_name().to_string_lossy().into_owned());
    names.filter(|name| name != "plan.okr" && name != "board.xlsx").collect()
}

#[test]
fn a_killed_import_leaves_the_old_plan_or_the_new_one() {
    let old = plan();
    let folder = Folder::new().with("plan.okr", &old);
    let file = folder.path().join("plan.okr");
    let edited = (2..200).fold(Sheets(exported(&file)), |book, row| {
        if row % 10 == 0 { book.put(&format!("Key results!I{row}"), f64::from(row)) } else { book }
    });
    let folder = folder.with("board.xlsx", &edited.0);
    let start = Instant::now();
    assert!(started(&folder).wait().expect("it ends").success());
    let whole = start.elapsed();
    let new = read(&file);
    assert_ne!(new, old);
    let mut kept = 0;
    for kill in 0..KILLS {
        fs::write(&file, &old).expect("it can be written");
        let part = match kill {
            kill if kill < KILLS / 2 => whole * kill / KILLS * 4 / 3,
            kill => whole * 2 / 3 + whole * (kill - KILLS / 2) / KILLS,
        };
        let mut import = started(&folder);
        sleep(part);
        import.kill().expect("it can be killed, also when it has ended");
        import.wait().expect("it ends");
        let found = read(&file);
        assert!(found == old || found == new, "killed after {part:?}: neither the old nor the new");
        kept += u32::from(found == old);
        // What a killed import leaves behind is nobody's plan, and in nobody's way.
        for name in left_behind(&folder) {
            assert!(name.starts_with(".okr-") && name.ends_with(".tmp"), "{name}");
        }
    }
    assert!(kept > 0, "no import was killed before it wrote");
    fs::write(&file, &old).expect("it can be written");
    folder.okr(["check", "plan.okr"]).run().exits(0);
    folder.okr(["import", "board.xlsx", "--into", "plan.okr"]).run().exits(0);
    assert_eq!(read(&file), new);
    folder.okr(["fmt", "--check", "plan.okr"]).run().exits(0);
}

/// At the moment before the new file takes the old one's place, all of it is in the temporary one:
/// such a file, left behind, changes nothing.
#[test]
fn a_temporary_file_is_nobody_s_plan() {
    let old = plan();
    let folder = Folder::new().with("plan.okr", &old).with(".okr-abc123.tmp", "no plan {");
    folder.okr(["check", "plan.okr"]).run().exits(0);
    let edited = Sheets(exported(&folder.path().join("plan.okr"))).put("Key results!I2", 2.0);
    let folder = folder.with("board.xlsx", &edited.0);
    folder.okr(["import", "board.xlsx", "--into", "plan.okr"]).run().exits(0).prints("1 change");
    assert_eq!(folder.read(".okr-abc123.tmp"), "no plan {");
}
