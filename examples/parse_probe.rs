fn main() {
    for name in std::env::args().skip(1) {
        let t = std::time::Instant::now();
        let loaded = okr::plan::load(&name).unwrap();
        let t1 = t.elapsed();
        let (plan, problems) = okr::plan::resolve(loaded);
        eprintln!(
            "{name}: {} krs {} problems parse {t1:?} all {:?}",
            plan.krs.len(),
            problems.len(),
            t.elapsed()
        );
        for problem in problems.iter().take(60) {
            print!("{}", okr::diagnostic::render(problem, &plan.sources, false));
        }
    }
}
