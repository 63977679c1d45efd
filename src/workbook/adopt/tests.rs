//! Trackers as people lay them out, as text.

use super::*;

fn book(text: &str, name: &str) -> Book {
    Book::from_bytes(text.into(), name).expect("the text can be read")
}

fn adopted(text: &str) -> Adopted {
    adopt(&book(text, "t.csv"), "t.csv", &Wishes::default()).expect("the sheet can be adopted")
}

#[test]
fn a_tracker_becomes_a_plan() {
    let adopted = adopted(
        "Objective,Key Result,Owner,Start,Target,Current,Score,Due,Quarter\n\
         Be fast,p95 latency,Checkout,900 ms,400 ms,610 ms,0.55,2026-03-31,Q1 2026\n\
         ,Conversion,Checkout,3.1%,4%,3.64%,60%,2026-03-31,\n\
         Grow,Revenue,Sales,,$4.2M,$1M,,,Q1 2026\n",
    );
    println!("{}\n{:#?}", adopted.plan, adopted.receipt);
    assert_eq!(adopted.receipt.audit.disagreements.len(), 1);
    panic!();
}
