fn main() {
    for name in std::env::args().skip(1) {
        let bytes = std::fs::read(&name).unwrap_or_default();
        let mut map = okr::source::SourceMap::default();
        let file = map.add(okr::source::Source::from_bytes(&name, None, bytes));
        let t = std::time::Instant::now();
        let parse = okr::syntax::parse(file, map.get(file));
        eprintln!("{name}: {} statements {} problems {:?}", parse.tree.statements.len(), parse.problems.len(), t.elapsed());
        for problem in &parse.problems { print!("{}", okr::diagnostic::render(problem, &map, false)); }
    }
}
