use std::time::Instant;
fn main() {
    let name = std::env::args().nth(1).unwrap();
    for _ in 0..5 {
        let t = Instant::now();
        let bytes = std::fs::read(&name).unwrap();
        let source = okr::source::Source::from_bytes(&name, None, bytes);
        let t0 = t.elapsed();
        let parse = okr::syntax::parse(okr::source::FileId(0), &source);
        let t1 = t.elapsed();
        drop(parse);
        let t2 = t.elapsed();
        let loaded = okr::plan::load(&name).unwrap();
        let t3 = t.elapsed();
        let (plan, _) = okr::plan::resolve(loaded);
        let t4 = t.elapsed();
        let plan = std::sync::Arc::new(plan);
        let mut engine = okr::engine::Engine::new(plan, Default::default());
        let t5 = t.elapsed();
        engine.recalculate();
        let t6 = t.elapsed();
        println!(
            "read {t0:?} parse {:?} drop {:?} load {:?} resolve {:?} engine {:?} regrade {:?}",
            t1 - t0,
            t2 - t1,
            t3 - t2,
            t4 - t3,
            t5 - t4,
            t6 - t5
        );
        let cell = okr::plan::cell::Cell::new(
            okr::plan::cell::Field::KrActual,
            50_001.min(engine.plan.krs.len() - 1),
        );
        let t = Instant::now();
        for i in 0..10_000 {
            engine.set(cell, 700.0 + f64::from(i) * 0.01);
        }
        println!("edit {:?}", t.elapsed() / 10_000);
    }
}
