//! The report for people who look rather than read: one page, whole, inert and usable.
//!
//! Where Chromium is installed the page is laid out at three widths, and where axe-core lies in
//! `target/axe` (`npm install --prefix target/axe axe-core@4`), or where `OKR_AXE` names it, its
//! accessibility is checked as well.

use crate::harness::{Folder, okr, read, root};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// A quarter with hostile texts wherever a text may stand.
fn hostile() -> String {
    let text = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>'\\\"&amp; {{x}} \\u{202e}\\u{1b} שלום";
    format!(
        "okr 1
cycle q1 \"{text}\" 2026-01-01 .. 2026-03-31
team t \"{text}\" {{ kind platform; people 4; bucket a \"{text}\" 60%; bucket b rest }}
objective o \"{text}\" {{
  owner t
  allow single-guardrail-risk \"{text}\"
  kr a \"{text}\" {{ baseline 900 ms; target 400 ms; lead \"{text}\" }}
  kr m \"{text}\" {{ grading milestones \"{text}\" -> 0.5, \"end\" -> 1 }}
  kr g \"{text}\" {{ keep <= 3; kind guardrail }}
  kr q \"Launch {text}\" {{ grading done }}
}}
initiative i \"{text}\" {{ draws 90 pw from t.a; moves o.a by -100 ms; note \"{text}\" }}
2026-01-30 checkin o.a 760 ms \"{text}\"
2026-01-30 checkin o.m \"{text}\"
2026-01-30 checkin o.g 4
2026-01-30 amended o.a.target 300 ms \"{text}\"
scenario s \"{text}\" {{ set t.people = 2 }}
"
    )
}

fn page(plan: &str) -> String {
    okr(["report", "-"]).stdin(plan).run().exits(0).says_nothing().stdout().to_owned()
}

fn department() -> String {
    let done = okr(["report", "samples/department.okr"]).within(root()).run().exits(0);
    done.stdout().to_owned()
}

/// Elements that have no end tag.
const VOID: [&str; 6] = ["meta", "line", "rect", "circle", "polyline", "br"];

/// Goes through the tags of a page: every one that begins ends, in order, and nothing is in it that
/// runs or loads. Gives the names of the elements.
fn elements(page: &str) -> Vec<String> {
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, body) = rest.split_once("</style>").expect("its end");
    let mut open: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for tag in format!("{head}{body}").split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("`<{tag}` has no end"));
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('!') {
            continue;
        }
        for event in [" on", " src=", " srcset=", "javascript:"] {
            let quoted = tag.split('"').step_by(2).collect::<String>();
            assert!(!quoted.contains(event), "<{tag}>");
        }
        let link = tag.split("href=\"").nth(1);
        assert!(link.is_none_or(|link| link.starts_with('#')), "<{tag}>");
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "</{name}>");
        } else if !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        names.push(name);
    }
    assert!(open.is_empty(), "{open:?}");
    names
}

#[test]
fn hostile_texts_are_inert() {
    let page = page(&hostile());
    let names = elements(&page);
    for forbidden in ["script", "img", "iframe", "object", "embed", "link", "form", "base"] {
        assert!(!names.iter().any(|name| name == forbidden), "{forbidden}");
    }
    assert!(!page.contains(['\u{202e}', '\u{1b}']));
    assert!(page.contains("שלום</bdi>"), "a script that runs the other way stays in its place");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn a_page_is_whole_and_loads_nothing() {
    let page = department();
    let names = elements(&page);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(page.contains("default-src 'none'") && !page.contains("@import"));
    assert!(!page.contains("url(") && !page.contains("http://") && !page.contains("https://"));
    let count = |name: &str| names.iter().filter(|it| *it == name).count();
    assert_eq!(count("h1"), 2, "one heading, which ends");
    assert!(count("details") > 30 && count("svg") > 30 && count("table") > 10);
    for part in ["id=\"scorecard\"", "id=\"capacity\"", "id=\"scenarios\"", "id=\"advice\""] {
        assert!(page.contains(part), "{part}");
    }
    // Colour never stands alone.
    for band in ["red", "yellow", "green"] {
        assert!(page.contains(&format!("<span class=\"chip {band}\">{band}</span>")), "{band}");
    }
    assert_eq!(page, department(), "the same plan gives the same bytes");
}

#[test]
fn futures_are_shown_where_they_were_asked_for() {
    let words = ["report", "samples/department.okr", "--as-of", "2026-07-01", "--simulate", "2000"];
    let done = okr(words).within(root()).run().exits(0);
    let page = done.stdout();
    elements(page);
    assert!(page.contains("2000 futures, seed 42"));
    assert!(page.contains("class=\"hist\"") && page.contains("Missing on average"));
    assert!(page.contains("Beside the plan: better in"));
    assert!(!department().contains("id=\"futures\""));
    okr(["report", "-", "--simulate", "0"]).stdin("okr 1\n").run().exits(2);
}

#[test]
fn a_page_is_written_where_it_is_wanted() {
    let folder = Folder::new().with("q1.okr", read(root().join("samples/first-steps.okr")));
    let written = folder.okr(["report", "q1.okr", "-o", "report.html"]).run().exits(0);
    written.says("report.html: written");
    let page = folder.okr(["report", "q1.okr"]).run().exits(0);
    assert_eq!(folder.read("report.html"), page.stdout());
    // A report is made anew every week.
    folder.okr(["report", "q1.okr", "-o", "report.html", "--as-of", "2026-03-28"]).run().exits(0);
    assert!(folder.read("report.html").contains("as of 2026-03-28"));
    folder.okr(["report", "q1.okr", "-o", "none/report.html"]).run().exits(4);
    folder.okr(["report", "q1.okr", "--format", "json"]).run().exits(2).says("okr grade");
    folder.okr(["report", "q1.okr", "--scenario", "x"]).run().exits(1);
    let bad = "okr 1\nobjective o \"O\" { kr a \"A\" { target 1 / 0; actual 3 } }\n";
    okr(["report", "-"]).stdin(bad).run().exits(1).says("no-result").prints("</html>");
    okr(["report", "-"]).stdin("okr 1\n").run().exits(0).prints("no objective in the plan yet");
}

#[test]
fn markdown_says_the_same_without_pictures() {
    let words = ["report", "samples/department.okr", "--format", "md"];
    let done = okr(words).within(root()).run().exits(0);
    let text = done.stdout();
    for part in
        ["# Q3 2026", "### Buying a ticket", "## Capacity", "freeze", "## The coach's advice"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 1);
    let hostile = okr(["report", "-", "--format", "md"]).stdin(hostile()).run().exits(0);
    assert!(!hostile.stdout().contains("<script") && !hostile.stdout().contains("<img"));
}

/// A thousand key results; the aim of a second is the optimised program's, this one is a debug build.
#[test]
fn a_large_plan_takes_no_time() {
    let mut plan = "okr 1\ncycle q1 \"Q1\" 2026-01-01 .. 2026-03-31\n".to_owned();
    for objective in 0..250 {
        let _ = writeln!(plan, "objective o{objective} \"Objective {objective}\" {{");
        for kr in 0..4 {
            let _ = writeln!(plan, "  kr k{kr} \"Key result {kr}\" {{ baseline 10; target 90 }}");
        }
        plan.push_str("}\n");
        for kr in 0..4 {
            for day in 1..=8 {
                let _ =
                    writeln!(plan, "2026-02-0{day} checkin o{objective}.k{kr} {}", 10 + day * 5);
            }
        }
    }
    let start = Instant::now();
    let page = page(&plan);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(page.matches("<tr class=\"kr\"").count(), 1000);
}

fn chromium() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

fn axe() -> Option<PathBuf> {
    let named = std::env::var_os("OKR_AXE").map(PathBuf::from);
    let kept = root().join("target/axe/node_modules/axe-core/axe.min.js");
    named.or(Some(kept)).filter(|path| path.exists())
}

/// Lays a page out in frames of three widths, and checks each with axe if that is there. Gives a line
/// a frame: its width, how wide its content is, and what is wrong.
const FRAMES: &str = "
const lines = [];
const frames = [...document.querySelectorAll('iframe')];
addEventListener('load', async () => {
  for (const frame of frames) {
    const inner = frame.contentDocument;
    let wrong = [];
    if (window.axeSource) {
      frame.contentWindow.eval(window.axeSource);
      const found = await frame.contentWindow.axe.run(inner, {resultTypes: ['violations']});
      wrong = found.violations.map(it => it.id + ' ' + it.nodes[0].target);
    }
    lines.push([frame.width, inner.documentElement.scrollWidth, wrong.join('; ')].join('|'));
  }
  const out = document.createElement('pre');
  out.id = 'result';
  out.textContent = lines.join('\\n');
  document.body.append(out);
});";

#[test]
fn the_page_fits_and_is_accessible() {
    let Some(chromium) = chromium() else {
        eprintln!("Chromium is not installed: the page is not laid out");
        return;
    };
    let policy = "<meta http-equiv=\"Content-Security-Policy\"";
    for page in [department(), page(&hostile())] {
        // The check itself is a script, so that the page's policy must let it in.
        let (before, after) = page.split_once(policy).expect("a policy");
        let (_, after) = after.split_once('>').expect("its end");
        let source = axe().map(|path| serde_json::to_string(&read(path)).expect("a text"));
        let source = source.map(|it| it.replace("</", "<\\/")).unwrap_or_else(|| "null".into());
        let frames = [360, 800, 1400].map(|width| {
            format!("<iframe src=\"page.html\" width=\"{width}\" height=\"900\"></iframe>")
        });
        let wrapper = format!(
            "<!doctype html><body>{}<script>window.axeSource = {source};{FRAMES}</script></body>",
            frames.join("")
        );
        let folder = Folder::new()
            .with("page.html", format!("{before}{after}"))
            .with("wrapper.html", wrapper);
        let address = format!("file://{}", folder.path().join("wrapper.html").display());
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let mut run = Command::new(chromium);
        run.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ]);
        run.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]);
        run.args(["--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom"]);
        let output = run.args([&profile, &address]).output().expect("Chromium runs");
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        let result =
            dom.split_once("<pre id=\"result\">").and_then(|(_, it)| it.split_once("</pre>"));
        let Some((result, _)) = result else {
            panic!("no result: {dom}\n{}", String::from_utf8_lossy(&output.stderr));
        };
        assert_eq!(result.lines().count(), 3);
        for line in result.lines() {
            let fields: Vec<&str> = line.splitn(3, '|').collect();
            let [width, content, wrong] = fields[..] else { panic!("{line}") };
            let [width, content] = [width, content].map(|it| it.parse::<u32>().expect("pixels"));
            assert!(content <= width, "{content} pixels do not fit into {width}");
            assert_eq!(wrong, "", "at {width} pixels");
        }
    }
}
