//! The plan's formulas in a spreadsheet's words, with references for names.
//!
//! What a formula reads may have no data: then it has none itself. Such cells are collected while
//! it is printed (`needs`) and asked for once at its root; a part that is not always evaluated asks
//! for its own and gives `#N/A`, which the root turns into "no data" again.

use super::columns::{Field, Sheet};
use super::layout::{Here, Layout, table_place};
use crate::engine::{Engine, Value};
use crate::plan::cell::{self, Cell};
use crate::plan::model::{Amount, Code, CodeOp, Input};
use crate::syntax::keyword::Function;
use crate::syntax::tree::Binary;

/// The longest formula that a spreadsheet reads.
pub const LONGEST: usize = 8_000;

/// How deep a printed formula may be; a spreadsheet allows 64 levels.
const DEEPEST: usize = 48;

/// Why something has no form in a spreadsheet, in words.
pub type Inexpressible = String;

/// A printed part of a formula.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// How tightly its outermost operator binds.
    level: u8,
    /// References that must hold numbers for it to have data.
    pub needs: Vec<String>,
    /// Whether it may be `#N/A` for want of data.
    holes: bool,
}

const COMPARE: u8 = 0;
const ADD: u8 = 2;
const MULTIPLY: u8 = 3;
const POWER: u8 = 4;
const ATOM: u8 = 6;

impl Piece {
    /// A part that stands for itself and always has data.
    pub fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: ATOM, needs: Vec::new(), holes: false }
    }

    /// A number.
    pub fn number(number: f64) -> Self {
        let level = if number < 0.0 { ADD } else { ATOM };
        Self { text: literal(number), level, needs: Vec::new(), holes: false }
    }

    /// A reference that may lack data.
    pub fn reference(text: String) -> Self {
        Self { needs: vec![text.clone()], ..Self::atom(text) }
    }

    /// The text, in parentheses if it binds less tightly than wanted.
    pub fn at(&self, level: u8) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text.clone() }
    }

    /// The text as an operand of `*`.
    pub fn factor(&self) -> String {
        self.at(MULTIPLY)
    }

    fn made(text: String, level: u8, parts: &[&Piece]) -> Self {
        let mut needs: Vec<String> = Vec::new();
        for need in parts.iter().flat_map(|part| &part.needs) {
            if !needs.contains(need) {
                needs.push(need.clone());
            }
        }
        Self { text, level, needs, holes: parts.iter().any(|part| part.holes) }
    }

    /// A function of parts.
    pub fn call(name: &str, parts: &[&Piece]) -> Self {
        let list: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        Self::made(format!("{name}({})", list.join(",")), ATOM, parts)
    }

    /// Text of one's own over parts.
    pub fn over(text: String, parts: &[&Piece]) -> Self {
        Self::made(text, COMPARE, parts)
    }

    /// A part that is evaluated only now and then: it asks for its own data.
    fn lazy(&self) -> Self {
        match all_numbers(&self.needs) {
            None => self.clone(),
            Some(condition) => {
                let text = format!("IF({condition},{},NA())", self.text);
                Self { text, level: ATOM, needs: Vec::new(), holes: true }
            }
        }
    }

    /// The whole formula: empty where it has no data.
    pub fn guarded(&self) -> String {
        let text = match self.holes {
            true => format!("IF(ISNA({0}),\"\",{0})", self.text),
            false => self.text.clone(),
        };
        match all_numbers(&self.needs) {
            None => text,
            Some(condition) => format!("IF({condition},{text},\"\")"),
        }
    }
}

/// Whether all references hold numbers, as a condition; `None` for none.
fn all_numbers(needs: &[String]) -> Option<String> {
    match needs {
        [] => None,
        [only] => Some(format!("ISNUMBER({only})")),
        many => {
            let counts: Vec<String> =
                many.chunks(200).map(|some| format!("COUNT({})", some.join(","))).collect();
            Some(format!("{}={}", counts.join("+"), many.len()))
        }
    }
}

/// A number as a formula writes it.
pub fn literal(number: f64) -> String {
    let plain = format!("{number}");
    if plain.len() <= 18 { plain } else { format!("{number:E}") }
}

/// A text as a formula writes it; `None` if it is too long for one.
pub fn quoted(text: &str) -> Option<String> {
    (text.encode_utf16().count() <= 255).then(|| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// Prints formulas that stand in one row of the workbook.
#[derive(Clone, Copy)]
pub struct Printer<'a> {
    /// The plan, computed.
    pub engine: &'a Engine,
    /// Where everything stands.
    pub layout: &'a Layout,
    /// Where the formula stands.
    pub here: Here,
}

impl Printer<'_> {
    /// An input in its own unit.
    pub fn input(&self, input: Input) -> Result<Piece, Inexpressible> {
        self.input_at(input, 0)
    }

    fn input_at(&self, input: Input, depth: usize) -> Result<Piece, Inexpressible> {
        match input.amount {
            Amount::Number(number) => Ok(Piece::number(number)),
            Amount::Bad => Err("it is wrong in the plan".into()),
            Amount::Formula(index) => {
                let size = self.engine.plan.formulas[index as usize].size;
                let piece = self.code(self.engine.plan.steps(index), depth)?;
                match size == 1.0 {
                    true => Ok(piece),
                    false => {
                        let text = format!("{}/{}", piece.factor(), literal(size));
                        Ok(Piece::made(text, MULTIPLY, &[&piece]))
                    }
                }
            }
        }
    }

    fn code(&self, code: &[Code], depth: usize) -> Result<Piece, Inexpressible> {
        if depth > DEEPEST {
            return Err("it is nested deeper than a spreadsheet allows".into());
        }
        let Some((root, _)) = code.split_last() else { return Err("it is empty".into()) };
        match root.op {
            CodeOp::Number(number) if number.is_finite() => Ok(Piece::number(number)),
            CodeOp::Number(_) => Err("it is wrong in the plan".into()),
            CodeOp::Cell(cell, size) => {
                let piece = self.cell(cell, depth)?;
                match size == 1.0 {
                    true => Ok(piece),
                    false => {
                        let text = format!("{}*{}", piece.factor(), literal(size));
                        Ok(Piece::made(text, MULTIPLY, &[&piece]))
                    }
                }
            }
            op => {
                let parts = operands(code)
                    .into_iter()
                    .map(|part| self.code(part, depth + 1))
                    .collect::<Result<Vec<_>, _>>()?;
                operation(op, &parts)
            }
        }
    }

    /// A cell of the plan, in its unit.
    pub fn cell(&self, cell: Cell, depth: usize) -> Result<Piece, Inexpressible> {
        use cell::Field as Of;
        if let Some((table, field)) = table_place(cell) {
            let key = self.key(cell);
            let index = cell.index as usize;
            let text = self.layout.cell_of(self.here, table, field, index, &key);
            return Ok(match self.may_lack_data(cell) {
                true => Piece::reference(text),
                false => Piece::atom(text),
            });
        }
        if let Some(text) = self.mean(cell) {
            return Ok(Piece::reference(text));
        }
        match cell.field {
            Of::KrPace => self.pace(cell, depth),
            _ => match self.engine.input(cell) {
                Some(input) => self.input_at(input, depth + 1),
                None => self.constant(cell),
            },
        }
    }

    /// A cell that nothing in the workbook changes.
    fn constant(&self, cell: Cell) -> Result<Piece, Inexpressible> {
        let fixed = cell.field.entry().access == cell::Access::Input
            || cell.field == cell::Field::CycleElapsed;
        match self.engine.read(cell) {
            Value::Number(number) if fixed => Ok(Piece::number(number)),
            _ => Err(format!("it reads `{}`, which only the program computes", self.name(cell))),
        }
    }

    fn pace(&self, cell: Cell, depth: usize) -> Result<Piece, Inexpressible> {
        let objective = self.engine.plan.krs[cell.index as usize].objective as usize;
        let cycle = self.engine.plan.objectives[objective].cycle;
        let elapsed = cycle.and_then(|cycle| self.engine.elapsed(cycle as usize));
        let Some(elapsed) = elapsed.filter(|elapsed| *elapsed > 0.0) else {
            return Err("it reads a pace before anything has elapsed".into());
        };
        let grade = self.cell(Cell { field: cell::Field::KrGrade, ..cell }, depth + 1)?;
        let text = format!("{}/{}", grade.factor(), literal(elapsed));
        Ok(Piece::made(text, MULTIPLY, &[&grade]))
    }

    /// A mean's cell on the scorecard.
    fn mean(&self, cell: Cell) -> Option<String> {
        use cell::Field as Of;
        let index = cell.index;
        let row = match cell.kind() {
            cell::Kind::Cycle => self.layout.cycle_rows.first + index,
            cell::Kind::Team => self.layout.team_rows.first + index,
            cell::Kind::Objective => self.layout.objective_row(index as usize),
            _ => return None,
        };
        let column = match cell.field {
            Of::ObjectiveWeight => "C",
            Of::ObjectiveGrade | Of::TeamGrade | Of::CycleGrade => "D",
            Of::ObjectiveCommittedGrade | Of::TeamCommittedGrade | Of::CycleCommittedGrade => "F",
            Of::ObjectiveAspirationalGrade
            | Of::TeamAspirationalGrade
            | Of::CycleAspirationalGrade => "G",
            _ => return None,
        };
        let prefix = match self.here.sheet {
            Sheet::Scorecard => "",
            _ => Sheet::Scorecard.prefix(),
        };
        Some(format!("{prefix}${column}${}", row + 1))
    }

    fn may_lack_data(&self, cell: Cell) -> bool {
        use cell::Field as Of;
        match cell.field {
            Of::KrBaseline | Of::KrWeight | Of::MetricValue | Of::TeamLeave | Of::TeamFocus => {
                let input = self.engine.input(cell);
                input.is_some_and(|input| matches!(input.amount, Amount::Formula(_)))
            }
            _ => true,
        }
    }

    /// The key of the row in which a cell stands.
    fn key(&self, cell: Cell) -> String {
        let plan = &self.engine.plan;
        let index = cell.index as usize;
        match cell.kind() {
            cell::Kind::Kr => plan.kr_id(index),
            cell::Kind::Bucket => plan.bucket_id(index),
            cell::Kind::Metric => plan.source(plan.metrics[index].name).to_owned(),
            cell::Kind::Team => plan.source(plan.teams[index].name).to_owned(),
            cell::Kind::Objective => plan.source(plan.objectives[index].name).to_owned(),
            cell::Kind::Cycle => plan.source(plan.cycles[index].name).to_owned(),
            cell::Kind::Initiative => plan.source(plan.initiatives[index].name).to_owned(),
        }
    }

    fn name(&self, cell: Cell) -> String {
        format!("{}.{}", self.key(cell), cell.field.entry().word)
    }

    /// A cell of the own row.
    pub fn own(&self, field: Field) -> String {
        match self.here.own {
            Some((table, index)) => self.layout.cell_of(self.here, table, field, index, ""),
            None => String::new(),
        }
    }
}

/// The operands of the operation that ends a code, first operand first.
fn operands(code: &[Code]) -> Vec<&[Code]> {
    let mut parts = Vec::new();
    let mut end = code.len() - 1;
    while end > 0 {
        let start = end - code[end - 1].steps as usize;
        parts.push(&code[start..end]);
        end = start;
    }
    parts.reverse();
    parts
}

fn operation(op: CodeOp, parts: &[Piece]) -> Result<Piece, Inexpressible> {
    let all: Vec<&Piece> = parts.iter().collect();
    match (op, parts) {
        (CodeOp::Negate, [part]) => Ok(Piece::made(format!("-{}", part.at(ATOM)), ADD, &all)),
        (CodeOp::Not, [part]) => Ok(Piece::call("NOT", &[part])),
        (CodeOp::Binary(binary), [left, right]) => Ok(binary_piece(binary, left, right)),
        (CodeOp::Call(function, _), parts) => call(function, parts),
        (CodeOp::RangeMean(_), [low, high]) => Ok(two_ends(low, high)),
        (CodeOp::RangeMean(_), [low, likely, high]) => {
            let (low_text, likely_text, high_text) =
                (low.at(ADD), likely.factor(), high.at(MULTIPLY));
            let text = format!("({low_text}+4*{likely_text}+{high_text})/6");
            Ok(Piece::made(text, MULTIPLY, &all))
        }
        _ => Err("it has a part that a spreadsheet does not know".into()),
    }
}

/// The mean of a range of two ends: lognormal where both have one sign, else normal.
fn two_ends(low: &Piece, high: &Piece) -> Piece {
    let (a, b) = (low.at(ATOM), high.at(ATOM));
    let of = |a: &str, b: &str| {
        format!("EXP((LN({a})+LN({b}))/2+(LN({b}/{a})/(2*1.6448536269514722))^2/2)")
    };
    let (above, below) = (of(&a, &b), of(&format!("-{b}"), &format!("-{a}")));
    let text = format!("IF({a}={b},{a},IF({a}>0,{above},IF({b}<0,-{below},({a}+{b})/2)))");
    Piece::made(text, ATOM, &[low, high])
}

fn binary_piece(binary: Binary, left: &Piece, right: &Piece) -> Piece {
    let infix = |sign: &str, level: u8| {
        let text = format!("{}{sign}{}", left.at(level), right.at(level + 1));
        Piece::made(text, level, &[left, right])
    };
    match binary {
        Binary::And => {
            let right = right.lazy();
            let text = format!("IF({},{},FALSE)", left.text, right.text);
            Piece::made(text, ATOM, &[left, &right])
        }
        Binary::Or => {
            let right = right.lazy();
            let text = format!("IF({},TRUE,{})", left.text, right.text);
            Piece::made(text, ATOM, &[left, &right])
        }
        Binary::Less => infix("<", COMPARE),
        Binary::AtMost => infix("<=", COMPARE),
        Binary::Greater => infix(">", COMPARE),
        Binary::AtLeast => infix(">=", COMPARE),
        Binary::Equal => infix("=", COMPARE),
        Binary::Unequal => infix("<>", COMPARE),
        Binary::Add => infix("+", ADD),
        Binary::Subtract => infix("-", ADD),
        Binary::Multiply => infix("*", MULTIPLY),
        Binary::Divide => infix("/", MULTIPLY),
        Binary::Power => {
            let power = format!("{}^{}", left.at(POWER + 1), right.at(ATOM));
            // Only a spreadsheet takes 0 ^ 0 for an error.
            let plain = right.text.parse::<f64>().is_ok_and(|exponent| exponent != 0.0);
            match plain {
                true => Piece::made(power, POWER, &[left, right]),
                false => {
                    let text = format!("IF({}=0,1,{power})", right.at(ADD));
                    Piece::made(text, ATOM, &[left, right])
                }
            }
        }
    }
}

fn call(function: Function, parts: &[Piece]) -> Result<Piece, Inexpressible> {
    let all: Vec<&Piece> = parts.iter().collect();
    Ok(match (function, parts) {
        (Function::Min, _) => Piece::call("MIN", &all),
        (Function::Max, _) => Piece::call("MAX", &all),
        (Function::Clamp, [x, low, high]) => {
            Piece::made(format!("MAX({},MIN({},{}))", low.text, x.text, high.text), ATOM, &all)
        }
        (Function::If, [condition, yes, no]) => {
            let (yes, no) = (yes.lazy(), no.lazy());
            Piece::call("IF", &[condition, &yes, &no])
        }
        (Function::Abs, _) => Piece::call("ABS", &all),
        (Function::Round, [x]) => Piece::made(format!("ROUND({},0)", x.text), ATOM, &all),
        (Function::Round, _) => Piece::call("ROUND", &all),
        (Function::Floor, _) => Piece::call("INT", &all),
        (Function::Ceil, [x]) => Piece::made(format!("-INT(-{})", x.at(ATOM)), ADD, &all),
        (Function::Sqrt, _) => Piece::call("SQRT", &all),
        (Function::Exp, _) => Piece::call("EXP", &all),
        (Function::Ln, _) => Piece::call("LN", &all),
        (Function::Log10, _) => Piece::call("LOG10", &all),
        (Function::Mod, _) => Piece::call("MOD", &all),
        (Function::Sum | Function::Mean | Function::Median | Function::Count, _) => {
            return skipping(function, parts);
        }
        _ => return Err("it has a part that a spreadsheet does not know".into()),
    })
}

/// `sum mean median count` leave out what has no data.
fn skipping(function: Function, parts: &[Piece]) -> Result<Piece, Inexpressible> {
    let name = match function {
        Function::Sum => "SUM",
        Function::Mean => "AVERAGE",
        Function::Median => "MEDIAN",
        _ => "COUNT",
    };
    let list = |parts: &[&Piece]| {
        parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(",")
    };
    let all: Vec<&Piece> = parts.iter().collect();
    let complete = parts.iter().all(|part| part.needs.is_empty() && !part.holes);
    if complete {
        return Ok(Piece::call(name, &all));
    }
    let holes = Piece { holes: true, ..Piece::atom("") };
    let plain = parts.iter().all(|part| part.needs.is_empty() || part.needs[0] == part.text);
    if plain && !parts.iter().any(|part| part.holes) {
        // References without numbers are skipped by the spreadsheet itself.
        let inner = list(&all);
        return Ok(match function {
            Function::Sum | Function::Count => Piece::atom(format!("{name}({inner})")),
            _ => {
                let text = format!("IF(COUNT({inner})=0,NA(),{name}({inner}))");
                Piece { holes: true, ..Piece::atom(text) }
            }
        });
    }
    if parts.iter().any(|part| part.holes) || function == Function::Median {
        return Err("it leaves out computed parts without data".into());
    }
    let each = |yes: &dyn Fn(&Piece) -> String| {
        let terms: Vec<String> = parts
            .iter()
            .map(|part| match all_numbers(&part.needs) {
                Some(condition) => format!("IF({condition},{},0)", yes(part)),
                None => yes(part),
            })
            .collect();
        format!("SUM({})", terms.join(","))
    };
    let (sum, count) = (each(&|part| part.text.clone()), each(&|_| "1".to_owned()));
    Ok(match function {
        Function::Sum => Piece::atom(sum),
        Function::Count => Piece::atom(count),
        _ => {
            let text = format!("IF({count}=0,NA(),{sum}/{count})");
            Piece { text, level: ATOM, ..holes }
        }
    })
}
