//! Trackers as people lay them out, as text.

use super::*;

fn book(text: &str, name: &str) -> Book {
    Book::from_bytes(text.into(), name).expect("the text can be read")
}

fn adopted(text: &str) -> Adopted {
    named(text, "t.csv")
}

fn named(text: &str, name: &str) -> Adopted {
    adopt(&book(text, name), name, &Wishes::default()).expect("the sheet can be adopted")
}

/// The lines of the plan below its head, each trimmed, joined by ` | `; comments left out.
fn plan(adopted: &Adopted) -> String {
    let lines =
        adopted.plan.lines().map(|line| line.split("  #").next().unwrap_or_default().trim());
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#') && *line != "okr 1");
    lines.collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    let adopted = adopted(text);
    let plan = plan(&adopted);
    for part in parts {
        assert!(
            plan.contains(part),
            "{part:?} expected in\n{}\n{:#?}",
            adopted.plan,
            adopted.receipt
        );
    }
}

#[track_caller]
fn disagreements(text: &str, expected: &[&str]) {
    let adopted = adopted(text);
    let said = adopted.receipt.audit.disagreements.iter().map(|it| {
        let gives =
            it.gives.map_or("none".to_owned(), |it| crate::quantity::readable(it).into_owned());
        format!("{} {} -> {gives} = {} {}", it.place, it.says, it.arithmetic, it.instead)
            .trim_end()
            .to_owned()
    });
    assert_eq!(said.collect::<Vec<_>>(), expected, "{}", adopted.plan);
}

#[test]
fn one_row_a_key_result() {
    has(
        "Objective,Key Result,Owner,Start,Target,Current,Score,Due,Quarter\n\
         Be fast,p95 latency,Checkout,900 ms,400 ms,610 ms,0.58,2026-03-31,Q1 2026\n\
         ,Conversion,Growth,3.1%,4%,3.64%,60%,2026-03-31,\n\
         Grow,Revenue,Sales,,$4.2M,$1M,,,Q1 2026\n",
        &[
            "cycle q1_2026 \"Q1 2026\" 2026-01-01 .. 2026-03-31 | team checkout \"Checkout\" | team sales \"Sales\"",
            "objective be_fast \"Be fast\" { | owner checkout | kr p95_latency \"p95 latency\" { | \
             baseline 900 ms | target 400 ms | actual 610 ms | due 2026-03-31 | }",
            "baseline 3.1% | target 4% | actual 3.64% | due 2026-03-31 | lead \"Growth\" | }",
            "kr revenue \"Revenue\" { | target 4.2M USD | actual 1M USD | }",
        ],
    );
}

#[test]
fn titles_above_and_a_header_of_two_rows() {
    has(
        "Company OKRs Q2 2026,,,,,\n\n,Objective,Key Result,Values,,\n,,,Start,Target,Now\n,Grow,Shops,2,12,7\n",
        &[
            "cycle q2_2026",
            "objective grow \"Grow\" { | kr shops \"Shops\" { | baseline 2 | target 12 | actual 7 |",
        ],
    );
}

#[test]
fn types_in_a_column_of_their_own() {
    has(
        "Type,Title,Owner,Start,Target,Current,Progress\n\
         Objective,Be fast,Checkout,,,,58%\nKey Result,Latency,Kim,900,400,610,58%\nKR,Errors,Kim,5,0,1,80%\n",
        &[
            "objective be_fast \"Be fast\" { | owner checkout | kr latency \"Latency\" {",
            "kr errors \"Errors\" { | baseline 5 | target 0 | actual 1 | lead \"Kim\"",
        ],
    );
}

#[test]
fn types_may_say_what_is_expected() {
    has(
        "Objective,Key Result,Type,Target,Current\nGrow,Shops,Committed,12,7\n,Refunds,Guardrail,<= 2%,1%\n,Dream,Moonshot,9,1\n",
        &[
            "actual 7 | kind committed | }",
            "keep <= 2% | actual 1% | kind guardrail | }",
            "actual 1 | }",
        ],
    );
}

#[test]
fn numbers_before_the_titles_of_one_column() {
    has(
        "OKR,Start,Target,Actual\nO1: Be fast,,,\nKR1.1: Latency,900,400,610\nKR1.2 Errors,5,0,1\nO2: Grow,,,\nKR2.1: Shops,0,4,1\n",
        &[
            "objective be_fast \"Be fast\" { | kr latency",
            "kr errors \"Errors\"",
            "objective grow \"Grow\" { | kr shops",
        ],
    );
}

#[test]
fn the_likelier_of_two_headers_is_it() {
    has(
        "Goal,KPI,Objective,Key Result,Metric,Result,Current,Q1 Target,Target\nx,y,Grow,Shops,z,good,7,9,12\n",
        &["objective grow \"Grow\" { | kr shops \"Shops\" { | target 12 | actual 7 | }"],
    );
}

#[test]
fn a_list_without_objectives_is_one() {
    has(
        "Shop goals\n\nName,Target,Value\nShops,12,7\nOrders,100,30\n",
        &["objective t \"t\" { | kr shops \"Shops\" { | target 12 | actual 7 | } | kr orders"],
    );
}

#[test]
fn blocks_with_a_header_each() {
    has(
        "Team OKRs,,,\nObjective 1: Be fast,,,\nKey Result,Target,Actual,Score\nLatency,10,5,0.5\n,,,\n\
         Objective 2: Grow,,,\nKey Result,Target,Actual,Score\nShops,4,1,0.25\n",
        &[
            "objective be_fast \"Be fast\" { | kr latency",
            "objective grow \"Grow\" { | kr shops \"Shops\" { | target 4 | actual 1",
        ],
    );
    has(
        "Objective,Be fast,,\nKey Result,Target,Actual,Score\nLatency,10,5,0.5\nObjective,Grow,,\nShops,4,1,0.25\n",
        &["objective be_fast \"Be fast\" { | kr latency", "objective grow \"Grow\" { | kr shops"],
    );
}

#[test]
fn grades_of_objectives_and_totals_are_compared() {
    disagreements(
        "Objective,Key Result,Start,Target,Current,Weight,Score\n\
         Fast,,,,,,0.7\n,Latency,900,400,610,2,0.55\n,Errors,10,0,4,1,0.6\n\
         Grow,Shops,0,4,1,1,0.25\nTotal,,,,,,0.5\n",
        &[
            "t!G3 0.55 -> 0.58 = (610 - 900) / (400 - 900)",
            "t!G2 0.7 -> 0.5867 = (2 * 0.58 + 0.6) / 3",
            "t!G6 0.5 -> 0.4183 = (0.5867 + 0.25) / 2",
        ],
    );
}

#[test]
fn what_sheets_do_instead_is_told() {
    disagreements(
        "Objective,Key Result,Start,Target,Current,Score\nFast,A,50,100,75,0.75\n,B,0,10,12,1.2\n,C,10,20,5,-0.5\n,D,0,3,2,0.67\n",
        &[
            "t!F2 0.75 -> 0.5 = (75 - 50) / (100 - 50) the sheet divides by the target and leaves the start out",
            "t!F3 1.2 -> 1 = 1.2, but no more than 1: (12 - 0) / (10 - 0) the sheet does not keep it within 0 and 1",
            "t!F4 -0.5 -> 0 = -0.5, but no less than 0: (5 - 10) / (20 - 10) the sheet does not keep it within 0 and 1",
        ],
    );
}

#[test]
fn scales_of_grades_are_found() {
    let scale = |text: &str| adopted(text).receipt.scale;
    assert_eq!(scale("Objective,KR,Target,Actual,Score\nO,A,10,5,50\n,B,10,7,70\n"), 100.0);
    assert_eq!(scale("Objective,KR,Target,Actual,Score\nO,A,10,5,5\n,B,10,7,7\n"), 10.0);
    assert_eq!(scale("Objective,KR,Target,Actual,Score\nO,A,10,5,0.5\n,B,10,12,1.2\n"), 1.0);
    disagreements(
        "Objective,KR,Target,Actual,Score\nO,A,10,5,50\n,B,10,7,75\n",
        &["t!E3 0.75 -> 0.7 = (7 - 0) / (10 - 0)"],
    );
}

#[test]
fn german_french_and_spanish() {
    has(
        "Ziel;Schlüsselergebnis;Verantwortlich;Ausgangswert;Zielwert;Istwert;Fällig am\n\
         Schneller werden;Ladezeit;Laden;1,5 s;0,5 s;1,200 s;31.03.2026\n;Umsatz;Laden;0 €;1.200.000 €;300.000 €;\n",
        &[
            "baseline 1.5 s | target 0.5 s | actual 1.2 s | due 2026-03-31",
            "baseline 0 EUR | target 1200000 EUR | actual 300000 EUR",
        ],
    );
    has(
        "Objectif,Résultat clé,Responsable,Départ,Cible,Réalisé\nCroître,Boutiques,Ventes,2,12,7\n",
        &[
            "team ventes \"Ventes\"",
            "objective croitre \"Croître\"",
            "baseline 2 | target 12 | actual 7",
        ],
    );
    has(
        "Objetivo,Resultado clave,Responsable,Valor inicial,Meta,Valor actual\nCrecer,Tiendas,Ventas,2,12,7\n",
        &["objective crecer \"Crecer\"", "baseline 2 | target 12 | actual 7"],
    );
}

#[test]
fn percents_in_every_spelling() {
    has(
        "Objective,Key Result,Unit,Start,Target,Current\nO,Words,,10%,50%,30%\n,Mixed,,10%,50%,30\n,Column,%,10,50,0.5\n,Title (%),,20,40,30\n",
        &[
            "kr words \"Words\" { | baseline 10% | target 50% | actual 30%",
            "kr mixed \"Mixed\" { | baseline 10% | target 50% | actual 30%",
            "kr column \"Column\" { | baseline 10% | target 50% | actual 0.5%",
            "kr title \"Title (%)\" { | baseline 20% | target 40% | actual 30%",
        ],
    );
}

#[test]
fn what_is_not_linear() {
    has(
        "Objective,Key Result,Start,Target,Current,Score\n\
         O,Launch,,Done,done,1\n,Move,,2026-03-01,,\n,Zero bugs,0,0,3,\n,Steady,99%,99%,98%,\n,Few errors,,<= 2%,1%,\n\
         ,Felt,,,,0.4\n,Nothing,,,,\n,Left out,1,9,n/a,\n,Words,1,9,a bit better,\n",
        &[
            "kr launch \"Launch\" { | grading done | actual done | }",
            "kr move \"Move\" { | grading done | due 2026-03-01 | }",
            "kr zero_bugs \"Zero bugs\" { | keep <= 0 | actual 3 | }",
            "kr steady \"Steady\" { | keep >= 99% | actual 98% | }",
            "kr few_errors \"Few errors\" { | keep <= 2% | actual 1% | }",
            "kr felt \"Felt\" { | grading score | actual 0.4 | }",
            "kr nothing \"Nothing\" { | grading done | }",
            "kr left_out \"Left out\" { | baseline 1 | target 9 | actual n/a | }",
            "kr words \"Words\" { | baseline 1 | target 9 | }",
        ],
    );
}

#[test]
fn progress_without_actuals_is_a_grade_by_hand() {
    has(
        "Objective,Key Result,Target,% Complete\nO,Shops,12,40%\n",
        &["kr shops \"Shops\" { | grading score | actual 0.4 | note \"target: 12\" | }"],
    );
}

#[test]
fn quarters_of_rows_are_cycles() {
    has(
        "Quarter,Objective,Key Result,Target,Actual\nQ1 2026,Grow,Shops,4,1\nQ2 2026,Grow,Shops,8,\n",
        &[
            "cycle q1_2026 \"Q1 2026\" 2026-01-01 .. 2026-03-31 | cycle q2_2026",
            "objective grow \"Grow\" { | cycle q1_2026",
            "objective grow_2 \"Grow\" { | cycle q2_2026",
        ],
    );
    let file = named("Objective,Key Result,Target,Actual\nGrow,Shops,4,1\n", "OKRs_2026-Q3.csv");
    assert!(plan(&file).contains("cycle q3_2026"), "{}", file.plan);
    let none = adopted("Objective,Key Result,Target,Actual\nGrow,Shops,4,1\n");
    assert!(none.plan.contains("# Which period is this?"), "{}", none.plan);
}

#[test]
fn ids_are_words_that_are_free() {
    has(
        "Objective,Key Result,Target,Actual,Team\nDone,Weight,4,1,Shop\nShop,Weight,4,1,Shop\n,Weight,4,1,\n成長,売上,4,1,営業\n",
        &[
            "team shop \"Shop\" | team team \"営業\"",
            "objective done_2 \"Done\"",
            "objective shop_2 \"Shop\"",
            "kr weight_2 \"Weight\"",
            "kr weight_3 \"Weight\"",
            "objective objective \"成長\" { | owner team | kr result \"売上\"",
        ],
    );
}

#[test]
fn units_that_do_not_fit_are_dropped_with_a_word() {
    let adopted = adopted(
        "Objective,Key Result,Start,Target,Current\nO,Mixed,5 users,10 shops,7\n,Fits,500 ms,0.2 s,300 ms\n",
    );
    let text = plan(&adopted);
    assert!(text.contains("baseline 5 | target 10 | actual 7"), "{text}");
    assert!(text.contains("baseline 500 ms | target 0.2 s | actual 300 ms"), "{text}");
    assert!(adopted.receipt.remarks.iter().any(|it| it.text.contains("unit differs")));
}

#[test]
fn days_make_check_ins() {
    let text = "Objective,Key Result,Target,Actual,Confidence,Last updated\nO,A,4,1,7,2026-02-14\n,B,4,2,0.5,\n";
    let wishes = Wishes { as_of: Some(jiff::civil::date(2026, 3, 1)), ..Wishes::default() };
    let adopted = adopt(&book(text, "t.csv"), "t.csv", &wishes).expect("the sheet can be adopted");
    let text = plan(&adopted);
    assert!(
        text.ends_with(
            "} | 2026-02-14 checkin o.a 1 confidence 0.7 | 2026-03-01 checkin o.b 2 confidence 0.5"
        ),
        "{text}"
    );
    assert!(!text.contains("actual"), "{text}");
}

#[test]
fn columns_are_named_by_hand() {
    let text = "Thema;Wunsch;Hin;Jetzt\nWachsen;Läden;12;7\n";
    let refusal =
        adopt(&book(text, "t.csv"), "t.csv", &Wishes::default()).expect_err("no known header");
    assert!(refusal.what.contains("looked for a header row"), "{refusal}");
    assert!(refusal.what.contains("`Thema`, `Wunsch`, `Hin`, `Jetzt`"), "{refusal}");
    let columns =
        Wishes::parse_columns("Thema=objective, wunsch=kr,C=target,Jetzt=actual").expect("columns");
    let wishes = Wishes { columns, ..Wishes::default() };
    let adopted = adopt(&book(text, "t.csv"), "t.csv", &wishes).expect("the columns are named");
    assert!(
        plan(&adopted).contains(
            "objective wachsen \"Wachsen\" { | kr laden \"Läden\" { | target 12 | actual 7"
        )
    );
    assert!(Wishes::parse_columns("Thema").is_err());
    let error = Wishes::parse_columns("Thema=objektive").expect_err("a misspelt word");
    assert!(error.contains("did you mean `objective`?"), "{error}");
}

#[test]
fn tables_without_numbers_and_words_for_dates() {
    has(
        "Objective Number,Objective Title,KR Number,Key Result,Timeline,Due,Weight\n\
         O1,Grow,KR1,Open a shop,soon,end of March,high\nO1,Grow,KR2,Hire,,[TBD],\n",
        &[
            "objective grow \"Grow\" { | kr open_a_shop \"Open a shop\" { | grading done | note \"due: end of March\" | note \"weight: high\" | }",
            "kr hire \"Hire\" { | grading done | }",
        ],
    );
}

#[test]
fn titles_with_anything_in_them() {
    has(
        "Objective,Key Result,Target,Actual,Notes\n\"A \"\"b\"\" \\ c # d\",\"K { } ; \nline\",4,1,\"one\ntwo # three\"\n",
        &[
            r#"objective a_b_c_d "A \"b\" \\ c # d" {"#,
            r#"kr k_line "K { } ; line" { | target 4 | actual 1 | note "one two # three""#,
        ],
    );
}
