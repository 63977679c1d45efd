//! The prompt in a real terminal, driven from outside.

use crate::harness::{Folder, read, root};
use crate::support::sheet::Sheets;
use crate::workbook_export::exported;
use rexpect::process::Signal;
use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};
use std::fs;
use std::process::Command;

/// Nothing that a person waits for takes as long.
const PATIENCE: u64 = 20_000;

const PLAN: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
team web \"Web\" { people 4; bucket run 40%; bucket build rest }
objective speed \"Fast\" {
  owner web
  kr latency \"p95\" { baseline 900 ms; target 400 ms } # soon
  kr load \"Load\" { target 10; actual 5 }
}
2026-02-01 checkin speed.latency 600 ms
scenario easy \"Easier\" { set speed.latency.target = 500 ms }
";

/// A prompt in a terminal.
struct Term(PtySession);

impl Term {
    /// `okr` with these arguments, in a folder, where the history is kept, too.
    fn open(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        // The shell tells which terminal it is, and gives it a size.
        let mut command = Command::new("sh");
        let script = "tty > tty.txt; stty cols 100 rows 40; exec \"$0\" \"$@\"";
        command.args(["-c", script, env!("CARGO_BIN_EXE_okr")]).args(arguments);
        command.current_dir(folder.path()).env("XDG_STATE_HOME", folder.path().join("state"));
        command.env("TERM", "xterm").env("NO_COLOR", "1").env_remove("COLUMNS").env("TZ", "UTC");
        for (name, value) in environment {
            command.env(name, value);
        }
        let options = Options::new().timeout_ms(Some(PATIENCE)).strip_ansi_escape_codes(true);
        Self(spawn_with_options(command, options).expect("a terminal"))
    }

    /// The plan in a folder of its own, at its prompt.
    fn with_plan(environment: &[(&str, &str)]) -> (Folder, Self) {
        let folder = Folder::new().with("q1.okr", PLAN);
        let mut term = Self::open(&folder, &["repl", "q1.okr"], environment);
        term.sees("q1> ");
        (folder, term)
    }

    /// Waits for a text; gives what came before it.
    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        // Bytes are read as if each were a character.
        let bytes: String = text.bytes().map(char::from).collect();
        match self.0.exp_string(&bytes) {
            Ok(before) => {
                let bytes: Vec<u8> = before.chars().map(|it| it as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Err(error) => {
                let seen: Vec<char> = error.to_string().chars().collect();
                let last = seen[seen.len().saturating_sub(800)..].iter().collect::<String>();
                panic!("{text:?} does not appear: … {last}")
            }
        }
    }

    fn keys(&mut self, keys: &str) {
        self.0.send(keys).expect("keys go in");
        self.0.flush().expect("keys go in");
    }

    /// Types a line and waits for what it shows.
    #[track_caller]
    fn line(&mut self, line: &str, shows: &str) -> String {
        self.keys(line);
        self.keys("\r");
        self.sees(shows)
    }

    fn quits(mut self) {
        self.keys(":quit --force\r");
        self.0.exp_eof().expect("it ends");
    }
}

#[test]
fn the_welcome_is_three_lines() {
    let folder = Folder::new();
    let mut term = Term::open(&folder, &[], &[]);
    let welcome = term.sees("okr> ");
    assert_eq!(welcome.matches("\r\n").count(), 3, "{welcome:?}");
    assert!(welcome.contains(":help") && welcome.contains(":load") && welcome.contains(":new"));
    term.line(":new plan.okr --template minimal", "plan> ");
    term.line(":grade", "grade");
    assert!(folder.read("plan.okr").starts_with("okr 1"));
    term.quits();
}

#[test]
fn lists_complete_what_is_typed() {
    let (_folder, mut term) = Term::with_plan(&[]);
    term.keys(":gra\t");
    term.sees(":grade ");
    term.keys("speed.la\t");
    term.sees("speed.latency");
    term.keys("\r");
    term.sees("p95");
    term.sees("q1> ");
    term.keys(":s\t");
    for word in ["save", "source"] {
        term.sees(word);
    }
    term.keys("\u{15}:grade --scenario \t");
    term.sees("base");
    term.sees("easy");
    term.keys("\u{15}:grade --form\t");
    term.sees("--format");
    term.keys("\t");
    for form in ["csv", "json", "md", "text"] {
        term.sees(form);
    }
    term.keys("\u{15}:load q\t");
    term.sees("q1.okr");
    term.keys("\u{15}objective o \"O\" { own\t");
    term.sees("owner ");
    term.keys("w\t");
    term.sees("owner web");
    term.keys("\u{15}");
    term.quits();
}

#[test]
fn hints_tell_values_in_grey() {
    let (_folder, mut term) = Term::with_plan(&[("NO_COLOR", "")]);
    term.keys("speed.latency.actual");
    term.sees("= 600 ms");
    term.keys("\r");
    term.sees("600 ms");
    term.sees("q1> ");
    term.keys(":scen");
    term.sees("ario");
    term.keys("\u{1b}[C easy\r");
    term.sees("[easy]> ");
    term.keys(":set speed.latency.target ");
    term.sees("= 500 ms");
    term.keys("\u{15}");
    term.quits();
}

#[test]
fn colours_come_and_go() {
    let folder = Folder::new().with("q1.okr", PLAN);
    for (no_color, colored) in [("", true), ("1", false)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_okr"));
        command.args(["repl", "q1.okr"]).current_dir(folder.path());
        command.env("XDG_STATE_HOME", folder.path().join("state")).env("TERM", "xterm");
        command.env("NO_COLOR", no_color);
        let options = Options::new().timeout_ms(Some(PATIENCE));
        let mut term = Term(spawn_with_options(command, options).expect("a terminal"));
        term.sees("okr q1> ");
        term.keys("metric a \"A\" 1\r");
        let shown = term.sees("okr q1*> ");
        assert_eq!(shown.contains("\u{1b}[1;34mmetric"), colored, "{shown:?}");
        term.quits();
    }
}

#[test]
fn a_block_goes_on_over_lines() {
    let (_folder, mut term) = Term::with_plan(&[]);
    term.line("objective calm \"Calm\" {", "....> ");
    term.line("  kr a \"A\" {", "....> ");
    term.line("    target 10; actual 4", "....> ");
    term.line("  }", "....> ");
    let shown = term.line("}", "q1*> ");
    assert!(shown.contains("calm.a") && shown.contains("0.40"), "{shown:?}");
    // The whole block is one entry of the history.
    term.keys("\u{1b}[A");
    term.sees("target 10; actual 4");
    term.keys("\u{3}");
    term.sees("q1*> ");
    term.line("calm.grade", "0.4");
    term.quits();
}

#[test]
fn nothing_traps() {
    let (_folder, mut term) = Term::with_plan(&[]);
    // A mistake in the middle is told when the block closes.
    term.line("objective calm \"Calm\" {", "....> ");
    term.line("  kr a \"A\" { target 10 ] }", "....> ");
    let shown = term.line("}", "q1> ");
    assert!(shown.contains("error[expected]"), "{shown:?}");
    // A blank line leaves what is open; so does Ctrl-C, so does Ctrl-D.
    term.line("objective calm \"Calm\" {", "....> ");
    std::thread::sleep(std::time::Duration::from_millis(50));
    term.line("", "left open");
    term.sees("q1> ");
    term.line("max(1,", "....> ");
    term.keys("\u{3}");
    term.sees("dropped");
    term.sees("q1> ");
    term.line("team x \"X\" {", "....> ");
    term.keys("\u{4}");
    term.sees("left open");
    term.sees("q1> ");
    term.keys("half a line\u{3}");
    term.sees("q1> ");
    term.line("1 + 1", "2");
    term.quits();
}

#[test]
fn a_whole_sample_can_be_pasted() {
    let sample = read(root().join("samples/department.okr"));
    let folder = Folder::new();
    let mut term = Term::open(&folder, &[], &[]);
    term.sees("okr> ");
    term.keys("\u{1b}[200~");
    term.keys(&sample);
    term.keys("\u{1b}[201~\r");
    term.sees("okr*> ");
    term.line(":save pasted.okr", "saved");
    term.sees("pasted> ");
    term.quits();
    let pasted = folder.read("pasted.okr");
    assert_eq!(pasted.trim(), sample.trim());
}

#[test]
fn the_terminal_may_change_its_size() {
    let (folder, mut term) = Term::with_plan(&[]);
    term.keys("speed.latency.actual + speed.latency.target + speed.latency.baseline");
    term.sees("baseline");
    let tty = folder.read("tty.txt");
    let resized = Command::new("stty").args(["-F", tty.trim(), "cols", "60"]).status();
    assert!(resized.expect("stty runs").success());
    std::thread::sleep(std::time::Duration::from_millis(100));
    term.keys(" + speed.latency.baseline\r");
    term.sees("2800 ms");
    term.sees("q1> ");
    let narrow = term.line(":grade", "q1> ");
    let bar = format!("{}{} 0.55", "■".repeat(8), "□".repeat(7));
    assert!(narrow.contains(&bar), "{narrow:?}");
    term.quits();
}

#[test]
fn a_killed_terminal_loses_no_history() {
    let (folder, mut term) = Term::with_plan(&[]);
    term.line("1 + 41", "42");
    term.sees("q1> ");
    term.line(":as-of 2026-02-10", "as of 2026-02-10");
    term.sees("q1> ");
    term.0.process_mut().kill(Signal::SIGKILL).expect("it can be killed");
    let history = folder.read("state/okr/history");
    assert!(history.contains("1 + 41") && history.contains(":as-of 2026-02-10"), "{history}");
    #[cfg(unix)]
    for (name, mode) in [("state/okr", 0o700), ("state/okr/history", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let meta = fs::metadata(folder.path().join(name)).expect("it is there");
        assert_eq!(meta.permissions().mode() & 0o777, mode, "{name}");
    }
    let mut again = Term::open(&folder, &["repl", "q1.okr"], &[]);
    again.sees("q1> ");
    again.keys("\u{12}41");
    again.sees("1 + 41");
    again.keys("\r");
    again.sees("42");
    again.quits();
}

#[test]
fn changes_are_asked_about() {
    let (folder, mut term) = Term::with_plan(&[]);
    term.line(":set speed.latency.target 450", "0.60 → 0.67");
    term.sees("q1*> ");
    term.keys("\u{4}");
    term.sees("[y/N] ");
    term.line("n", "q1*> ");
    term.line(":quit", "[y/N] ");
    term.line("", "q1*> ");
    term.line(":undo", "0.67 → 0.60");
    term.sees("q1> ");
    term.line(":redo", "0.60 → 0.67");
    term.sees("q1*> ");
    term.line(":save", "saved");
    term.sees("q1> ");
    assert_eq!(folder.read("q1.okr"), PLAN.replace("target 400 ms", "target 450 ms"));
    term.keys("\u{4}");
    term.0.exp_eof().expect("it ends");
}

#[test]
fn an_import_asks_about_its_conflicts_one_by_one() {
    let (folder, mut term) = Term::with_plan(&[]);
    let edited = Sheets(exported(&folder.path().join("q1.okr")))
        .put("Key results!H2", 450.0)
        .put("Key results!H3", 20.0)
        .put("Key results!I3", 6.0);
    let folder = folder.with("board.xlsx", &edited.0);
    term.line(":set speed.latency.target 500", "q1*> ");
    term.line(":set speed.load.target 30", "q1*> ");
    // The first is asked again until the answer is one of the letters.
    term.line(":import board.xlsx", "speed.latency");
    term.sees("stop (s)?");
    term.line("x", "stop (s)?");
    term.line("t", "speed.load");
    term.sees("stop (s)?");
    term.line("o", "q1*> ");
    term.line("speed.latency.target", "450 ms");
    term.line("speed.load.target", "30");
    term.line("speed.load.actual", "6");
    // One step back takes the whole import back.
    term.line(":undo", "q1*> ");
    term.line("speed.latency.target", "500 ms");
    term.line("speed.load.actual", "5");
    term.sees("q1*> ");
    // Stopped, it asks no more and changes nothing.
    term.line(":import board.xlsx", "stop (s)?");
    let rest = term.line("s", "q1*> ");
    assert!(!rest.contains("stop (s)?") && rest.contains("2 conflicts are open"), "{rest:?}");
    term.line("speed.load.actual", "5");
    term.line(":import board.xlsx --theirs", "q1*> ");
    term.line(":save", "saved");
    term.sees("q1> ");
    let wanted = PLAN
        .replace("target 400 ms", "target 450 ms")
        .replace("target 10; actual 5", "target 20; actual 6");
    assert_eq!(folder.read("q1.okr"), wanted);
    term.quits();
}

/// What has no place is asked about before anything else; a value may be typed as it is meant.
#[test]
fn an_import_asks_what_a_value_means() {
    let (folder, mut term) = Term::with_plan(&[]);
    let edited = Sheets(exported(&folder.path().join("q1.okr")))
        .put("Key results!D2", "s")
        .put("Key results!I3", "4,100")
        .put("Capacity!D10", 50.0)
        .put("Key results!H2", 450.0);
    let folder = folder.with("board.xlsx", &edited.0);
    term.line(":set speed.latency.target 500", "q1*> ");
    term.line(":import board.xlsx", "Key results!D2 s");
    term.sees("go on without them (y/n)?");
    let rest = term.line("n", "q1*> ");
    assert!(rest.contains("`--skip-untaken`"), "{rest:?}");
    term.line(":import board.xlsx", "go on without them (y/n)?");
    term.line("y", "speed.latency");
    term.line("t", "was 4.1 meant?");
    term.sees("take 4.1 as meant (m), 4100 as it stands (t), keep ours (o), or stop (s)?");
    term.line("5", "`5` is none of the answers");
    term.line("4.1", "was 50% meant?");
    term.line("50%", "taken over; `:save` writes it");
    term.sees("q1*> ");
    term.line("speed.load.actual", "4.1");
    term.line("speed.latency.target", "450 ms");
    term.line("web.run.share", "0.5");
    assert_eq!(folder.read("q1.okr"), PLAN);
    term.quits();
}

#[test]
fn the_second_of_two_is_told() {
    let (folder, mut first) = Term::with_plan(&[]);
    let mut second = Term::open(&folder, &["repl", "q1.okr"], &[]);
    second.sees("q1> ");
    first.line(":set speed.load.actual 7", "0.50 → 0.70");
    first.line(":save", "saved");
    second.line(":set speed.load.actual 3", "0.50 → 0.30");
    second.line(":save", "has changed since it was read");
    second.sees("q1*> ");
    assert_eq!(folder.read("q1.okr"), PLAN.replace("actual 5", "actual 7"));
    second.line(":save mine.okr", "saved");
    second.sees("mine> ");
    assert_eq!(folder.read("mine.okr"), PLAN.replace("actual 5", "actual 3"));
    second.line(":load q1.okr", "q1> ");
    second.line("speed.load.actual", "7");
    second.quits();
    first.quits();
}

#[test]
fn a_watch_grades_again() {
    let (folder, mut term) = Term::with_plan(&[]);
    term.line(":watch", "Ctrl-C ends it");
    std::thread::sleep(std::time::Duration::from_millis(200));
    fs::write(folder.path().join("q1.okr"), PLAN.replace("actual 5", "actual 9")).expect("written");
    term.sees("0.50 → 0.90");
    term.keys("\u{3}");
    term.sees("q1> ");
    term.line("speed.load.actual", "9");
    term.quits();
}

/// A plan whose futures take a while to draw.
const UNCERTAIN: &str = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n\
    team t \"T\" { capacity 20 pw; bucket build 50%; bucket run 50% }\n\
    objective o \"O\" { owner t\n  kr a \"A\" { target 10; actual 0 }\n}\n\
    initiative i \"I\" { draws 5 .. 20 pw from t.build; moves o.a by 2 .. 9; chance 70% }\n";

#[test]
#[cfg_attr(not(debug_assertions), ignore = "too quick to be interrupted there")]
fn long_work_is_stopped_and_the_plan_goes_on() {
    let folder = Folder::new().with("q1.okr", UNCERTAIN);
    let mut term = Term::open(&folder, &["repl", "q1.okr"], &[]);
    term.sees("q1> ");
    for work in [
        ":simulate -n 10000000",
        ":feasible -n 10000000",
        ":optimize --over t -n 10000000 --save-as best",
        ":seek 'o.a.projected >= 5' --by t.build.share --from t.run --probability 80% -n 10000000",
    ] {
        term.keys(work);
        term.keys("\r");
        std::thread::sleep(std::time::Duration::from_millis(300));
        term.keys("\u{3}");
        term.sees("stopped");
        term.sees("q1> ");
        term.line("o.a.actual", "0");
    }
    // Nothing was taken over by halves.
    term.line(":show best", "nothing is named `best`");
    term.quits();
    assert_eq!(folder.read("q1.okr"), UNCERTAIN);
}

#[test]
fn odd_characters_do_no_harm() {
    let (folder, mut term) = Term::with_plan(&[]);
    let marks = format!("e{}", "\u{301}".repeat(300));
    term.keys(&format!("{marks}\u{7f}\u{7f}"));
    // Whatever the editor makes of that, it goes on.
    std::thread::sleep(std::time::Duration::from_millis(500));
    term.keys("\u{3}");
    std::thread::sleep(std::time::Duration::from_millis(500));
    term.keys("\u{15}1 + 41\r");
    term.sees("42");
    term.line("metric tokyo \"東京 e\u{301} 👩‍👩‍👧‍👦🇳🇴\" 3 EUR", "q1*> ");
    term.line("metric b \"\u{202e}\" 3", "q1*> ");
    term.line(":show tokyo", "# q1.okr");
    let shown = term.sees("3 EUR\r\n");
    assert!(shown.contains("東京"), "{shown:?}");
    term.line(":show b", "# q1.okr");
    let shown = term.sees(" 3\r\n");
    assert!(shown.contains("metric b") && !shown.contains('\u{202e}'), "{shown:?}");
    term.line(":save", "saved");
    term.quits();
    assert!(folder.read("q1.okr").contains("👩‍👩‍👧‍👦🇳🇴"));
}

#[test]
fn a_dumb_terminal_will_do() {
    let folder = Folder::new().with("q1.okr", PLAN);
    let mut term = Term::open(&folder, &["repl", "q1.okr"], &[("TERM", "dumb")]);
    term.sees("q1> ");
    term.line("speed.latency.actual", "600 ms");
    term.line(":set speed.load.actual 7", "0.50 -> 0.70");
    term.sees("q1*> ");
    term.keys(":quit\r");
    term.sees("[y/N] ");
    term.keys("y\r");
    term.0.exp_eof().expect("it ends");
}
