//! LibreOffice as an independent judge of workbooks, and small changes of their files.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use zip::write::SimpleFileOptions;

/// Where LibreOffice is; `None`, with a word about it, where it is not installed.
pub fn soffice() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|it| it.join("soffice")).find(|it| it.is_file());
    if found.is_none() {
        eprintln!("skipped: soffice is not installed");
    }
    found
}

/// A workbook as LibreOffice saves it, recalculated where results are missing.
pub fn resaved(soffice: &Path, book: &[u8], folder: &Path) -> Vec<u8> {
    converted(soffice, book, folder, "xlsx:Calc MS Excel 2007 XML", "xlsx")
}

/// A workbook in another form.
pub fn converted(soffice: &Path, book: &[u8], folder: &Path, form: &str, end: &str) -> Vec<u8> {
    let (from, to) = (folder.join("book.xlsx"), folder.join("converted"));
    fs::write(&from, book).expect("the workbook can be written");
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let run = Command::new(soffice)
        .arg(profile)
        .args(["--headless", "--convert-to", form, "--outdir"])
        .args([&to, &from])
        .output()
        .expect("LibreOffice can be started");
    let saved = fs::read(to.join(format!("book.{end}")));
    saved.unwrap_or_else(|error| panic!("LibreOffice saved nothing: {error}\n{run:?}"))
}

/// Workbooks as LibreOffice saves them, all in one run of it.
pub fn all_resaved(soffice: &Path, books: &[(String, Vec<u8>)], folder: &Path) -> Vec<Vec<u8>> {
    let to = folder.join("resaved");
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let mut run = Command::new(soffice);
    run.arg(profile).args(["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]);
    run.arg("--outdir").arg(&to);
    for (name, book) in books {
        fs::write(folder.join(name), book).expect("the workbook can be written");
        run.arg(folder.join(name));
    }
    let done = run.output().expect("LibreOffice can be started");
    let saved = |(name, _): &(String, Vec<u8>)| {
        let saved = fs::read(to.join(name));
        saved.unwrap_or_else(|error| panic!("LibreOffice saved no {name}: {error}\n{done:?}"))
    };
    books.iter().map(saved).collect()
}

/// A workbook with every part whose name matches changed.
pub fn changed(book: &[u8], mut change: impl FnMut(&str, String) -> String) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook is a zip");
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut part = from.by_index(index).expect("the part is there");
        let name = part.name().expect("a part has a name").into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("the part can be read");
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => change(&name, text).into_bytes(),
            Err(binary) => binary.into_bytes(),
        };
        to.start_file(name, SimpleFileOptions::default()).expect("a part can be begun");
        to.write_all(&bytes).expect("a part can be written");
    }
    to.finish().expect("the workbook can be finished").into_inner()
}

/// A workbook whose formulas have no results, so that whoever opens it must compute them.
pub fn emptied(book: &[u8]) -> Vec<u8> {
    changed(book, |name, text| match name.starts_with("xl/worksheets/") {
        true => without_results(&text),
        false => text,
    })
}

fn without_results(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find("</f><v>") {
        let (before, after) = rest.split_at(at + "</f>".len());
        out.push_str(before);
        let end = after.find("</v>").expect("a result ends") + "</v>".len();
        rest = &after[end..];
    }
    out + rest
}
