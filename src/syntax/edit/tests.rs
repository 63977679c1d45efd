//! Splices, and saves that meet trouble.

use super::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

/// Where `part` stands in `text`.
fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the part");
    Span::new(start, start + part.len())
}

fn splice(text: &str, part: &str, new: &str) -> Splice {
    Splice { span: span(text, part), text: new.into() }
}

#[test]
fn splices_change_only_their_bytes() {
    let text = "a € b # c\r\n\td  ";
    let edits = [splice(text, "d", "D"), splice(text, "€", "$"), splice(text, "\r\n", "\n")];
    assert_eq!(apply(text, &edits).as_deref(), Ok("a $ b # c\n\tD  "));
    assert_eq!(apply(text, &[]).as_deref(), Ok(text));
}

#[test]
fn insertions_keep_their_order() {
    let at = |at: usize, text: &str| Splice { span: Span::new(at, at), text: text.into() };
    let edits = [splice("ab", "b", "B"), at(1, "1"), at(1, "2"), at(2, "3")];
    assert_eq!(apply("ab", &edits).as_deref(), Ok("a12B3"));
}

#[test]
fn misfits_are_refused() {
    let text = "a€b";
    let at = |start, end| Splice { span: Span { start, end }, text: String::new() };
    for wrong in [at(2, 3), at(0, 9), at(9, 9), at(3, 1)] {
        let error = apply(text, std::slice::from_ref(&wrong));
        assert_eq!(error, Err(EditError::OutOfPlace(wrong.span)));
    }
    let error = apply(text, &[at(0, 4), at(1, 5)]);
    assert_eq!(error, Err(EditError::Overlap(Span { start: 1, end: 5 })));
}

#[track_caller]
fn replaced(text: &str, old: &str, new: &str, wanted: &str) {
    let splice = value_splice(text, span(text, old), new).expect("a value");
    assert_eq!(apply(text, &[splice]).as_deref(), Ok(wanted));
}

#[test]
fn values_are_replaced() {
    replaced("target  5 ms   # x", "5 ms", "450 ms", "target  450 ms   # x");
    replaced("target(5)", "(5)", "7", "target 7");
    replaced("target-5", "-5", "done", "target done");
    replaced("draws 5%from a", "5%", " 3 pw ", "draws 3 pw from a");
    replaced("set a=5", "5", "-1 .. 2 .. 3", "set a=-1 .. 2 .. 3");
    replaced("checkin a.b 5\"x\"", "5", "\"live; #1\"", "checkin a.b \"live; #1\"\"x\"");
}

#[test]
fn only_a_value_replaces_a_value() {
    let wrong =
        ["", "5 # x", "5; due 3", "5 }", "5\nkind x", "(5", "\"a", "2026-01-01", "5 6", "5 \"x\""];
    for wrong in wrong {
        let error = value_splice("target 5", Span::new(7, 8), wrong);
        assert!(matches!(error, Err(EditError::NotAValue { .. })), "{wrong:?}: {error:?}");
    }
    let error = value_splice("target 5", Span::new(7, 8), "5 %").expect_err("not glued");
    let wanted = "`5 %` is no value: `%` stands right after the number, without a space; glue it: ";
    assert!(error.to_string().starts_with(wanted), "{error}");
}

#[track_caller]
fn inserted(text: &str, after: &str, wanted: &str) {
    let after = (!after.is_empty()).then(|| span(text, after));
    assert_eq!(apply(text, &[insert_line(text, after, "NEW")]).as_deref(), Ok(wanted));
}

#[test]
fn lines_are_inserted() {
    inserted("a 1\nb 2\n", "a 1", "a 1\nNEW\nb 2\n");
    inserted("a 1  # x \"{\nb 2\n", "a 1", "a 1  # x \"{\nNEW\nb 2\n");
    inserted("a 1\r\nb 2\n", "a 1", "a 1\r\nNEW\r\nb 2\n");
    inserted("a 1\nb 2", "b 2", "a 1\nb 2\nNEW\n");
    inserted("a 1\r\nb 2 # c", "b 2", "a 1\r\nb 2 # c\r\nNEW\r\n");
    inserted("a {\n  b\n}\nc\n", "a {\n  b\n}", "a {\n  b\n}\nNEW\nc\n");
    inserted("a {\n  b\n}\nc\n", "b", "a {\n  b\nNEW\n}\nc\n");
}

#[test]
fn lines_are_inserted_at_the_end() {
    inserted("", "", "NEW\n");
    inserted("\u{feff}", "", "\u{feff}NEW\n");
    inserted("a", "", "a\nNEW\n");
    inserted("a\r\nb", "", "a\r\nb\r\nNEW\r\n");
    inserted("a\r\n", "", "a\r\nNEW\r\n");
    inserted("a\n\n", "", "a\n\nNEW\n");
}

#[test]
fn insertions_break_nothing_apart() {
    inserted("a 1; b {\n c\n}\nd", "a 1", "a 1; b {\n c\n}\nNEW\nd");
    inserted("a 1; tag x, # {\n\n y\nd", "a 1", "a 1; tag x, # {\n\n y\nNEW\nd");
    inserted("a 1; b (\n2)\nd", "a 1", "a 1; b (\n2)\nNEW\nd");
    inserted("k { a 1; b 2 }\n", "a 1", "k { a 1; NEW; b 2 }\n");
    inserted("k {\n a 1\n b \"}\" }\n", "b \"}\"", "k {\n a 1\n b \"}\"; NEW }\n");
}

/// A folder with a plan in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        fs::write(place.path("plan.okr"), "old\n").expect("a plan");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn plan(&self) -> PathBuf {
        self.path("plan.okr")
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::read(&self.plan(), 1000).expect("a snapshot").0
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
        names.sort();
        names
    }

    #[track_caller]
    fn holds(&self, name: &str, wanted: &str) {
        assert_eq!(fs::read_to_string(self.path(name)).expect("a file"), wanted);
        assert!(self.names().iter().all(|name| !name.ends_with(".tmp")), "{:?}", self.names());
    }
}

#[test]
fn saves_and_saves_again() {
    let place = Place::new();
    let (snapshot, bytes) = Snapshot::read(&place.plan(), 4).expect("a snapshot");
    assert_eq!(bytes, b"old\n");
    let next = snapshot.save(b"new\n").expect("saved");
    place.holds("plan.okr", "new\n");
    assert!(matches!(snapshot.save(b"x"), Err(SaveError::Changed(_))));
    next.save(b"").expect("saved again");
    place.holds("plan.okr", "");
}

#[test]
fn reading_has_its_limits() {
    let place = Place::new();
    let read = |path: &Path, limit| Snapshot::read(path, limit).map(|_| ());
    assert!(matches!(read(&place.plan(), 3), Err(SaveError::TooLarge(_, 3))));
    assert!(matches!(read(place.folder.path(), 9), Err(SaveError::NotAFile(_))));
    assert!(matches!(read(&place.path("none"), 9), Err(SaveError::Unreadable(..))));
}

#[test]
fn what_has_changed_is_not_overwritten() {
    let place = Place::new();
    for now in ["odd\n", "old\nmore\n", ""] {
        fs::write(place.plan(), "old\n").expect("written");
        let snapshot = place.snapshot();
        fs::write(place.plan(), now).expect("written");
        let error = snapshot.save(b"new").expect_err("changed");
        assert!(matches!(error, SaveError::Changed(_)), "{error}");
        assert!(error.to_string().contains("has changed since it was read"), "{error}");
        place.holds("plan.okr", now);
    }
    let snapshot = place.snapshot();
    fs::remove_file(place.plan()).expect("removed");
    assert!(matches!(snapshot.save(b"new"), Err(SaveError::Changed(_))));
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn new_files_overwrite_only_when_asked() {
    let place = Place::new();
    write_new(&place.path("q2.okr"), b"draft", false).expect("written");
    place.holds("q2.okr", "draft");
    let error = write_new(&place.plan(), b"new", false).expect_err("exists");
    assert!(matches!(error, SaveError::Exists(_)));
    place.holds("plan.okr", "old\n");
    write_new(&place.plan(), b"new", true).expect("overwritten");
    place.holds("plan.okr", "new");
    write_new(&place.path("q3.okr"), b"draft", true).expect("written");
    place.holds("q3.okr", "draft");
    let error = write_new(&place.path("none/q4.okr"), b"", false).expect_err("no folder");
    assert!(matches!(error, SaveError::Folder(..)));
    let error = write_new(place.folder.path(), b"", true).expect_err("a folder");
    assert!(matches!(error, SaveError::NotAFile(_)));
    assert_eq!(place.names(), ["plan.okr", "q2.okr", "q3.okr"]);
}

/// Many threads read the same text and save their own: one wins, the others are told.
#[test]
fn of_several_savers_one_wins() {
    const SAVERS: usize = 8;
    for round in 0..40 {
        let place = Place::new();
        let barrier = Barrier::new(SAVERS);
        let save = |saver: usize| {
            let snapshot = place.snapshot();
            let text = format!("saver {saver} of round {round}\n");
            barrier.wait();
            snapshot.save(text.as_bytes()).map(|_| text)
        };
        let results: Vec<Result<String, SaveError>> = std::thread::scope(|scope| {
            let save = &save;
            let savers: Vec<_> =
                (0..SAVERS).map(|saver| scope.spawn(move || save(saver))).collect();
            savers.into_iter().map(|saver| saver.join().expect("no panic")).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{won:?}");
        assert!(lost.iter().all(|error| matches!(error, Err(SaveError::Changed(_)))), "{lost:?}");
        place.holds("plan.okr", won[0].as_deref().unwrap_or_default());
    }
}

#[test]
fn a_lock_is_waited_for() {
    let place = Place::new();
    let other = fs::File::open(place.plan()).expect("the plan");
    other.lock().expect("a lock");
    assert!(matches!(place.snapshot().save(b"new"), Err(SaveError::Busy(_))));
    place.holds("plan.okr", "old\n");
    other.unlock().expect("no lock");
    place.snapshot().save(b"new").expect("saved");
    place.holds("plan.okr", "new");
}

/// Each of many threads adds its lines, reading anew whenever it lost: no line is lost.
#[test]
fn retries_lose_no_line() {
    const LINES: usize = 10;
    let place = Place::new();
    let add = |name: &str| {
        for line in 0..LINES {
            loop {
                let (snapshot, mut bytes) = Snapshot::read(&place.plan(), 10_000).expect("read");
                bytes.extend(format!("{name} {line}\n").bytes());
                match snapshot.save(&bytes) {
                    Ok(_) => break,
                    Err(SaveError::Changed(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            scope.spawn(move || add(name));
        }
    });
    let text = fs::read_to_string(place.plan()).expect("the plan");
    assert_eq!(text.lines().count(), 1 + 4 * LINES, "{text}");
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn links_are_followed() {
        let place = Place::new();
        fs::create_dir(place.path("other")).expect("a folder");
        symlink("../plan.okr", place.path("other/link.okr")).expect("a link");
        let link = place.path("other/link.okr");
        let (snapshot, _) = Snapshot::read(&link, 1000).expect("a snapshot");
        assert_eq!(
            (snapshot.path(), snapshot.target().file_name()),
            (&*link, place.plan().file_name())
        );
        snapshot.save(b"new").expect("saved");
        place.holds("plan.okr", "new");
        write_new(&link, b"newer", true).expect("overwritten");
        place.holds("plan.okr", "newer");
        assert!(link.symlink_metadata().expect("the link").is_symlink());
        assert_eq!(fs::read_dir(place.path("other")).expect("the folder").count(), 1);
    }

    #[test]
    fn a_link_that_leads_elsewhere_has_changed() {
        let place = Place::new();
        fs::write(place.path("two.okr"), "old\n").expect("written");
        symlink("plan.okr", place.path("link.okr")).expect("a link");
        let (snapshot, _) = Snapshot::read(&place.path("link.okr"), 1000).expect("a snapshot");
        fs::remove_file(place.path("link.okr")).expect("removed");
        symlink("two.okr", place.path("link.okr")).expect("a link");
        assert!(matches!(snapshot.save(b"new"), Err(SaveError::Changed(_))));
        place.holds("plan.okr", "old\n");
        place.holds("two.okr", "old\n");
    }

    #[test]
    fn links_to_nowhere_stay() {
        let place = Place::new();
        symlink("nowhere", place.path("link.okr")).expect("a link");
        let new = |overwrite| write_new(&place.path("link.okr"), b"new", overwrite);
        assert!(matches!(new(false), Err(SaveError::Exists(_))));
        assert!(matches!(new(true), Err(SaveError::Unwritten(..))));
        assert_eq!(place.names(), ["link.okr", "plan.okr"]);
    }

    #[test]
    fn permissions_and_owner_are_kept() {
        let place = Place::new();
        for mode in [0o600, 0o640, 0o755, 0o666] {
            fs::write(place.plan(), "old\n").expect("written");
            set_mode(&place.plan(), mode);
            // Only root may give files away.
            let _ = std::os::unix::fs::chown(place.plan(), Some(1234), Some(4321));
            let before = fs::metadata(place.plan()).expect("metadata");
            place.snapshot().save(b"new").expect("saved");
            let after = fs::metadata(place.plan()).expect("metadata");
            assert_eq!(after.mode() & 0o777, mode);
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
            write_new(&place.plan(), b"newer", true).expect("overwritten");
            assert_eq!(fs::metadata(place.plan()).expect("metadata").mode() & 0o777, mode);
        }
    }

    #[test]
    fn new_files_have_usual_permissions() {
        let place = Place::new();
        write_new(&place.path("new.okr"), b"new", false).expect("written");
        let mode = |name| fs::metadata(place.path(name)).expect("metadata").mode();
        assert_eq!(mode("new.okr"), mode("plan.okr"));
    }

    #[test]
    fn what_may_not_be_written_is_refused() {
        let place = Place::new();
        let snapshot = place.snapshot();
        set_mode(&place.plan(), 0o444);
        let errors = [snapshot.save(b"new").map(|_| ()), write_new(&place.plan(), b"new", true)];
        for error in errors.map(|error| error.expect_err("read-only")) {
            assert!(matches!(error, SaveError::ReadOnly(_)), "{error}");
            assert!(error.to_string().contains("is read-only, so nothing was saved"), "{error}");
        }
        place.holds("plan.okr", "old\n");
    }

    #[test]
    fn a_folder_that_may_not_be_written_is_named() {
        let place = Place::new();
        let snapshot = place.snapshot();
        set_mode(place.folder.path(), 0o555);
        // The super user may write there all the same.
        if fs::write(place.path("probe"), "").is_err() {
            let error = snapshot.save(b"new").expect_err("no room");
            assert!(matches!(error, SaveError::Folder(..)), "{error}");
            assert!(error.to_string().contains("permission denied"), "{error}");
            place.holds("plan.okr", "old\n");
        }
        set_mode(place.folder.path(), 0o755);
    }

    #[test]
    fn devices_are_left_alone() {
        let null = Path::new("/dev/null");
        assert!(matches!(write_new(null, b"x", true), Err(SaveError::NotAFile(_))));
        assert!(matches!(Snapshot::read(null, 9).map(|_| ()), Err(SaveError::NotAFile(_))));
    }
}
