//! The documentation against the program: examples run, and tables are those of the code.
//!
//! Every page is worked through from top to bottom in a folder of its own that has the samples, and
//! written anew with what the program says; the page must be that text already.
//! `OKR_DOCS=write cargo test --test main docs` brings the pages up to date.
//!
//! | on the page | what is done |
//! | --- | --- |
//! | a line that ends in `` `NAME`: ``, then a block | the block is written to that file; added to it if the line says "Add" |
//! | ```` ```okr ```` | must have no problems, and its assertions must hold; unless it begins with `okr 1`, the page's block ```` ```okr common ```` is put before it |
//! | ```` ```okr error=ID ```` | likewise, but must have this kind of problem and no other |
//! | ```` ```console ```` | its `$` lines are run, and what they print follows them; after one that fails stands `$ echo $?` |
//! | `<!-- table: NAME -->` | the table, up to `<!-- end -->`, is that of the code |

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;

use okr::coach;
use okr::command::{self, Entry, Stand};
use okr::diagnostic;
use okr::plan::cell::{Access, CELLS, CellUnit};
use okr::syntax::keyword::{self, Context, FUNCTIONS, RESERVED};
use okr::workbook::adopt;
use okr::workbook::columns::{Role, Table};
use serde_json::Value;

use crate::harness::{self, Folder, okr};

/// The heading under which help lists the options that commands share.
const COMMON: &str = "Common options";

/// The line of a shell that prints the exit status.
const STATUS: &str = "echo $?";

// ---- Pages ------------------------------------------------------------------------------------

#[test]
fn readme() {
    up_to_date("README.md");
}

#[test]
fn language() {
    up_to_date("docs/language.md");
}

#[test]
fn grading() {
    up_to_date("docs/grading.md");
}

#[test]
fn commands() {
    up_to_date("docs/commands.md");
}

#[test]
fn repl() {
    up_to_date("docs/repl.md");
}

#[test]
fn adopt() {
    up_to_date("docs/adopt.md");
}

#[test]
fn workbook() {
    up_to_date("docs/workbook.md");
}

#[test]
fn coach() {
    up_to_date("docs/coach.md");
}

#[test]
fn whatif() {
    up_to_date("docs/whatif.md");
}

#[test]
fn problems() {
    up_to_date("docs/problems.md");
}

/// Works through a page and compares.
#[track_caller]
fn up_to_date(name: &str) {
    let path = harness::root().join(name);
    let page = harness::read(&path);
    let anew = Reader::new(name).work_through(&page);
    if anew == page {
        return;
    }
    if std::env::var_os("OKR_DOCS").is_some_and(|it| it == "write") {
        fs::write(&path, &anew).expect("the page can be written");
        return;
    }
    let first = page.lines().zip(anew.lines()).take_while(|(old, new)| old == new).count();
    let around = |text: &str| text.lines().skip(first).take(8).collect::<Vec<_>>().join("\n");
    panic!(
        "{name}:{} is out of date; `OKR_DOCS=write cargo test --test main docs` writes it anew\n\
         --- the page ---\n{}\n--- the program ---\n{}",
        first + 1,
        around(&page),
        around(&anew),
    );
}

/// Where a reader of a page stands.
struct Reader<'a> {
    page: &'a str,
    folder: Folder,
    /// The plan that blocks continue.
    common: String,
    /// The exit status of the command before.
    status: i32,
    anew: String,
    /// What is wrong with its plans.
    wrong: String,
}

impl<'a> Reader<'a> {
    fn new(page: &'a str) -> Self {
        let mut folder = Folder::new();
        for path in harness::plans("samples") {
            let name = path.strip_prefix(harness::root()).expect("a sample is in the crate");
            let bytes = fs::read(&path).expect("a sample can be read");
            folder = folder.with(&name.to_string_lossy(), bytes);
        }
        for name in ["department.xlsx", "department-edited.xlsx"] {
            let name = format!("samples/sheets/{name}");
            let bytes = fs::read(harness::root().join(&name)).expect("a sample can be read");
            folder = folder.with(&name, bytes);
        }
        Self {
            page,
            folder,
            common: String::new(),
            status: 0,
            anew: String::new(),
            wrong: String::new(),
        }
    }

    fn work_through(mut self, page: &str) -> String {
        let mut before = "";
        let mut lines = page.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            self.say(line);
            let mut until = |end: &str| {
                let within = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != end);
                within.fold(String::new(), |text, line| text + line + "\n")
            };
            if let Some(info) = line.strip_prefix("```") {
                let text = until("```");
                self.block(number + 1, info, before, &text);
                self.say("```");
            } else if let Some(name) = between(line, "<!-- table: ", " -->") {
                until("<!-- end -->");
                self.anew.push('\n');
                self.anew.push_str(&table(name));
                self.anew.push('\n');
                self.say("<!-- end -->");
            } else if !line.is_empty() {
                before = line;
            }
        }
        assert!(self.wrong.is_empty(), "{}", self.wrong);
        self.anew
    }

    fn say(&mut self, line: &str) {
        self.anew.push_str(line);
        self.anew.push('\n');
    }

    fn block(&mut self, number: usize, info: &str, before: &str, text: &str) {
        let at = format!("{}:{number}", self.page);
        if info == "console" {
            let mut commands = text.lines().filter_map(|line| line.strip_prefix("$ ")).peekable();
            while let Some(command) = commands.next() {
                self.say(&format!("$ {command}"));
                let printed = self.command(command, &at);
                self.anew.push_str(&printed);
                let expected = self.status == 0 || commands.peek() == Some(&STATUS);
                self.require(expected || command == STATUS, &at, &format!("{command}\n{printed}"));
            }
            return;
        }
        self.anew.push_str(text);
        if let Some(name) = before.strip_suffix("`:").and_then(|line| line.rsplit('`').next()) {
            let old = before.contains("Add ").then(|| self.folder.read(name));
            let path = self.folder.path().join(name);
            fs::write(path, old.unwrap_or_default() + text).expect("a file can be written");
            return;
        }
        match info.split_once('=').unwrap_or((info, "")) {
            ("okr common", _) => text.clone_into(&mut self.common),
            ("okr", _) => self.sound(&at, text),
            ("okr error", id) => self.wrong(&at, text, id),
            _ => {}
        }
    }

    /// The whole plan that a block stands for.
    fn plan(&self, text: &str) -> String {
        match text.starts_with("okr 1") {
            true => text.to_owned(),
            false => format!("{}\n{text}", self.common),
        }
    }

    /// Notes what is wrong with a plan of the page, unless it is right.
    fn require(&mut self, right: bool, at: &str, what: &str) {
        if !right {
            let _ = writeln!(self.wrong, "{at}: {what}\n");
        }
    }

    fn sound(&mut self, at: &str, text: &str) {
        let plan = self.plan(text);
        let done = self.folder.okr(["check", "-"]).stdin(plan).run();
        let printed = done.stdout();
        let asserts = text.lines().any(|line| line.contains("assert "));
        let held = printed.contains("; the assertion holds") || printed.contains("; all ");
        let sound = done.code() == 0 && printed.contains("no problems") && asserts == held;
        self.require(sound, at, &done.whole());
        self.require(asserts || self.page != "docs/grading.md", at, "asserts nothing");
    }

    fn wrong(&mut self, at: &str, text: &str, wanted: &str) {
        let common = self.common.lines().count();
        let arguments = ["check", "--format", "json", "-"];
        let done = self.folder.okr(arguments).stdin(self.plan(text)).run();
        let problems = done.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let problems: Vec<Value> = problems.collect();
        let ids: BTreeSet<&str> = problems.iter().filter_map(|it| it["id"].as_str()).collect();
        let expected = format!("{wanted} wanted, in the block\n{}", done.whole());
        let within =
            |it: &Value| text.starts_with("okr 1") || it["line"].as_u64() > Some(common as u64);
        let right = ids.iter().eq([&wanted]) && problems.iter().all(within);
        self.require(right, at, &expected);
    }

    /// Runs a line as a shell would; gives what it prints.
    fn command(&mut self, line: &str, at: &str) -> String {
        if line == STATUS {
            return format!("{}\n", self.status);
        }
        let mut printed = String::new();
        for part in line.split(" | ") {
            let words = shlex::split(part).unwrap_or_default();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            printed = match words[..] {
                ["okr", ref words @ ..] => {
                    let done = self.folder.okr(words).stdin(printed).run();
                    self.status = done.code();
                    format!("{}{}", done.stdout(), done.stderr())
                }
                ["cat", name] => self.folder.read(name),
                ["tail", "-n", count, name] => {
                    last_lines(&self.folder.read(name), count.parse().expect("a number"))
                }
                _ => panic!("{at}: this test cannot run `{line}`"),
            };
        }
        printed
    }
}

fn between<'a>(line: &'a str, start: &str, end: &str) -> Option<&'a str> {
    line.strip_prefix(start)?.strip_suffix(end)
}

fn last_lines(text: &str, count: usize) -> String {
    let skipped = text.lines().count().saturating_sub(count);
    text.lines().skip(skipped).fold(String::new(), |text, line| text + line + "\n")
}

// ---- Tables -----------------------------------------------------------------------------------

/// The Markdown of a table of the code.
fn table(name: &str) -> String {
    if let Some(&context) = Context::ALL.iter().find(|context| context.words() == name) {
        let rows = keyword::entries(context).iter().map(|entry| {
            let dated = context == Context::Dated && !entry.usage.starts_with("DATE");
            [code(&(if dated { "DATE " } else { "" }.to_owned() + entry.usage)), entry.doc.into()]
        });
        return markdown(["written", "says"], rows);
    }
    if let Some(command) = name.strip_prefix("okr ") {
        return arguments(command, false);
    }
    match name {
        "reserved words" => {
            RESERVED.iter().map(|word| code(word)).collect::<Vec<_>>().join(" ") + "\n"
        }
        "functions" => {
            let rows = FUNCTIONS.iter().map(|it| [code(it.usage), it.doc.to_owned()]);
            markdown(["function", "gives"], rows)
        }
        "cells" => cells(),
        "workbook" => {
            let tables = Table::ALL.into_iter().filter(|table| *table != Table::CheckIns);
            let rows = tables.flat_map(|table| {
                let shown = table.columns().iter().filter(|it| it.role != Role::Hidden);
                shown.map(move |it| {
                    let sheet = format!("{}: {}", table.sheet().name(), table.row_words());
                    let role = match it.role {
                        Role::Key => "key",
                        Role::Reference => "reference",
                        Role::Input => "**input**",
                        _ => "computed",
                    };
                    [sheet, it.header.to_owned(), role.to_owned(), it.doc.to_owned()]
                })
            });
            markdown(["row of", "column", "is", "says"], rows)
        }
        "commands" => {
            let rows = command::entries(Stand::CommandLine).map(|it| {
                let word = format!("[`okr {0}`](#okr-{0})", it.name);
                [word, it.about.to_owned(), stands(it).to_owned()]
            });
            markdown(["command", "does", "as a `:` line"], rows)
        }
        "prompt" => {
            let rows = command::entries(Stand::Prompt)
                .map(|it| [code(&it.usage()), it.about.to_owned(), stands(it).to_owned()]);
            markdown(["command", "does", "stands"], rows)
        }
        "header words" => {
            let rows = adopt::COLUMNS.iter().map(|it| {
                let names = it.names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
                [code(it.word), names.join(", ")]
            });
            markdown(["column", "headers that mean it"], rows)
        }
        "common options" => arguments("grade", true),
        "problems" => problem_kinds(),
        "rules" => rules(),
        "exceptions" => exceptions(),
        _ => panic!("the code has no table of {name}"),
    }
}

/// Where a command may stand as a `:` line.
fn stands(entry: &Entry) -> &'static str {
    match (entry.stands.script, entry.stands.prompt) {
        (true, _) => "in scripts and at the prompt",
        (false, true) => "at the prompt",
        (false, false) => "",
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn markdown<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(&head.map(str::to_owned)) + &line(&[const { "---" }; N].map(str::to_owned));
    rows.for_each(|row| text.push_str(&line(&row)));
    text
}

fn cells() -> String {
    let rows = CELLS.iter().map(|it| {
        let path = if it.word.is_empty() { String::new() } else { format!("`.{}`", it.word) };
        let comes = match it.access {
            Access::Input => "written; can be `set`",
            Access::Computed => "computed",
        };
        let unit = match it.unit {
            CellUnit::Bare => "",
            CellUnit::Own => "its own",
            CellUnit::Effort => "`pw`",
        };
        let doc = it.doc.replace(" * ", " × ");
        [it.kind.words().to_owned(), path, comes.to_owned(), unit.to_owned(), doc]
    });
    markdown(["of", "cell", "value", "unit", "says"], rows)
}

/// The arguments of a command, or those that it shares with others.
fn arguments(command: &str, shared: bool) -> String {
    let mut cli = command::cli();
    cli.build();
    let command = cli.find_subcommand(command).expect("the command line has the command");
    let listed = command.get_arguments().filter(|argument| {
        let is_shared = argument.get_help_heading() == Some(COMMON);
        is_shared == shared && argument.get_id() != "help"
    });
    let rows = listed.map(|argument| {
        let mut says = argument.get_help().map(ToString::to_string).unwrap_or_default();
        if argument.get_action().takes_values() {
            let values = argument.get_possible_values();
            let values: Vec<String> = values.iter().map(|value| code(value.get_name())).collect();
            if !values.is_empty() {
                let _ = write!(says, ": {}", values.join(", "));
            }
            if let [default] = argument.get_default_values() {
                let _ = write!(says, "; by default `{}`", default.to_string_lossy());
            }
        }
        let short = argument.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
        [short + &code(&argument.to_string()), says]
    });
    markdown(["argument", "says"], rows)
}

/// The rules of the coach, in the order in which they matter.
fn rules() -> String {
    let mut text = String::new();
    for rule in coach::TABLE {
        let first = |words: &str| {
            let mut letters = words.chars();
            letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default()
                + letters.as_str()
        };
        let _ = writeln!(text, "### {}\n\n{}.\n", rule.id, first(rule.says));
        let _ = writeln!(text, "*Looks at:* {}.", rule.evidence);
        if let Some(principle) = rule.principle {
            let _ = writeln!(text, "*The handbook:* {principle}.");
        }
        let _ = writeln!(text, "*Mend it:* {}.\n", rule.mend);
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn exceptions() -> String {
    let rows = coach::exceptions::EXCEPTIONS.iter().map(|it| {
        let lands = it.sweet().map_or(String::new(), |(low, high)| format!("{low} .. {high}"));
        [code(it.kind), it.words(), lands]
    });
    markdown(["kind of team", "is", "lands in"], rows)
}

fn problem_kinds() -> String {
    let mut text = String::new();
    for kind in diagnostic::Kind::ALL {
        let severity = format!("{:?}", kind.severity()).to_lowercase();
        let _ = writeln!(text, "### {}\n\n*{severity}.* {}\n", kind.id(), kind.explanation());
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

// ---- What pages say of the program --------------------------------------------------------------

/// The words in the first cells of the tables below a heading, up to the next heading.
fn first_cells(page: &str, heading: &str) -> BTreeSet<String> {
    let below = page.lines().skip_while(|line| *line != heading).skip(1);
    let rows =
        below.take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// The names of the fields of objects in a list of a report, but those of lists below.
fn fields(list: &Value) -> BTreeSet<String> {
    let objects = list.as_array().into_iter().flatten().filter_map(Value::as_object);
    objects.flat_map(|object| object.keys().cloned()).collect()
}

#[test]
fn the_fields_of_reports_are_listed() {
    let page = harness::read(harness::root().join("docs/commands.md"));
    let done = okr(["grade", "samples/department.okr", "--format", "json"]);
    let report = done.within(harness::root()).run().exits(0);
    let report: Value = serde_json::from_str(report.stdout()).expect("JSON");
    let whole = report.as_object().expect("an object").keys().cloned().collect();
    for (heading, found) in [
        ("### The report", whole),
        ("### A cycle", fields(&report["cycles"])),
        ("### A team", fields(&report["teams"])),
        ("### An objective", fields(&report["objectives"])),
        ("### A key result", fields(&report["objectives"][0]["key_results"])),
        ("### A team's capacity", fields(&report["capacity"])),
        ("### A bucket", fields(&report["capacity"][1]["buckets"])),
    ] {
        assert_eq!(first_cells(&page, heading), found, "docs/commands.md, {heading}");
    }
}

#[test]
fn every_command_has_its_section() {
    let page = harness::read(harness::root().join("docs/commands.md"));
    let sections: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## okr ")).collect();
    let names: Vec<&str> =
        command::entries(command::Stand::CommandLine).map(|entry| entry.name).collect();
    assert_eq!(sections, names);
}

#[test]
fn every_block_of_the_language_has_its_table() {
    let page = harness::read(harness::root().join("docs/language.md"));
    let contexts = Context::ALL.map(Context::words);
    for name in contexts.iter().chain(&["reserved words", "functions", "cells"]) {
        assert!(page.contains(&format!("<!-- table: {name} -->")), "{name}");
    }
}

/// The commands by which a reader sets the project up, out of the README's `bash` blocks.
#[test]
fn the_set_up_commands_are_right() {
    let page = harness::read(harness::root().join("README.md"));
    let lines: Vec<&str> = page.lines().collect();
    let block = |from: usize| {
        let end = lines[from..].iter().position(|line| *line == "```");
        &lines[from..from + end.expect("the block ends")]
    };
    let mark = lines.iter().position(|line| *line == "<!-- test-command -->");
    let mark = mark.expect("`.ci/run` looks for the mark");
    assert_eq!(lines[mark + 1], "```bash");
    assert_eq!(block(mark + 2), ["cargo test --locked"]);
    let run = lines.iter().find_map(|line| line.strip_prefix("cargo run --release -- "));
    let words = shlex::split(run.expect("a command that grades a sample")).expect("words");
    okr(words).within(harness::root()).run().exits(0);
}

#[test]
fn the_exit_statuses_are_told_alike() {
    let rows = |name: &str| -> Vec<String> {
        let page = harness::read(harness::root().join(name));
        let below = page.lines().skip_while(|line| *line != "## Exit status").skip(2);
        below.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let told = rows("README.md");
    assert!(told.len() > 4);
    assert_eq!(told, rows("docs/commands.md"));
}

#[test]
fn links_lead_somewhere() {
    const PAGES: [&str; 10] = [
        "README.md",
        "CHANGELOG.md",
        "docs/language.md",
        "docs/grading.md",
        "docs/coach.md",
        "docs/commands.md",
        "docs/problems.md",
        "docs/repl.md",
        "samples/README.md",
        "grammar/README.md",
    ];
    for name in PAGES {
        let path = harness::root().join(name);
        let page = harness::read(&path);
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().expect("a page is in a folder").join(file),
            };
            assert!(target.exists(), "{name}: {link}");
            let found = anchor.is_empty() || anchors(&harness::read(&target)).contains(anchor);
            assert!(found, "{name}: {link}");
        }
    }
}

/// The anchors that a page's headings have.
fn anchors(page: &str) -> BTreeSet<String> {
    const LEVELS: RangeInclusive<usize> = 1..=6;
    let headings = page.lines().filter_map(|line| {
        let text = line.trim_start_matches('#');
        let level = line.len() - text.len();
        (LEVELS.contains(&level) && text.starts_with(' ')).then(|| text.trim())
    });
    let anchor = |heading: &str| {
        let kept = heading.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}
