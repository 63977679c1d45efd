//! openpyxl as a second reader and writer of workbooks.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// A python that has openpyxl: the one that `OKR_PYTHON` names, that of the path, or the system's.
static PYTHON: LazyLock<Option<String>> = LazyLock::new(|| {
    let named = std::env::var("OKR_PYTHON").ok();
    let all = named.into_iter().chain(["python3", "/usr/bin/python3"].map(str::to_owned));
    all.into_iter().find(|python| {
        let run = Command::new(python).args(["-c", "import openpyxl"]).output();
        run.is_ok_and(|run| run.status.success())
    })
});

/// Runs a script in a folder; gives what it prints, or nothing, with a word about it, where no
/// python has openpyxl.
pub fn openpyxl(folder: &Path, script: &str) -> Option<String> {
    let Some(python) = PYTHON.as_ref() else {
        eprintln!("skipped: no python3 with openpyxl");
        return None;
    };
    let script = format!("import json, openpyxl\n{script}");
    let run = Command::new(python).args(["-c", &script]).current_dir(folder).output();
    let run = run.expect("python can be started");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(String::from_utf8_lossy(&run.stdout).into_owned())
}
