fn main() {
    for name in std::env::args().skip(1) {
        let t = std::time::Instant::now();
        let session = okr::session::Session::load(&name).unwrap();
        let t1 = t.elapsed();
        let engine = session.engine(Default::default());
        let t2 = t.elapsed();
        let problems = session.all_problems(&engine);
        eprintln!(
            "{name}: {} krs {} problems load {t1:?} engine {t2:?} all {:?}",
            session.plan.krs.len(),
            problems.len(),
            t.elapsed()
        );
        for problem in problems.iter().take(60) {
            print!("{}", okr::diagnostic::render(problem, &session.plan.sources, false));
        }
        if session.plan.krs.len() < 1000 {
            let card = okr::report::scorecard::scorecard(&engine, Default::default());
            for c in &card.cycles {
                println!("{} {:?} {:?} {:?}", c.id, c.grade, c.elapsed, c.sweet_spot);
            }
            for o in &card.objectives {
                println!(
                    "{} {:?} {:?} {}/{} {:?}",
                    o.id, o.grade, o.band, o.graded, o.of, o.status
                );
                for k in &o.key_results {
                    println!(
                        "   {} [{}] {:?} {} {:?} pace {:?} fc {:?} {:?} {}",
                        k.id,
                        k.grading,
                        k.actual,
                        k.state,
                        k.grade,
                        k.pace,
                        k.forecast,
                        k.forecast_grade,
                        k.shown.actual
                    );
                }
            }
            for c in &card.capacity {
                println!("{:?}", c);
            }
        }
    }
}
