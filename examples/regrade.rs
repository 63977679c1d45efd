fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let session = okr::session::Session::load(&name).expect("the plan is there");
    let mut engine = session.engine(Default::default());
    let t = std::time::Instant::now();
    for _ in 0..100 {
        engine.recalculate();
    }
    println!("re-grade {:?}", t.elapsed() / 100);
}
