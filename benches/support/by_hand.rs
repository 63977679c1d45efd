//! What the engine does for a plan of linear key results, written by hand for that alone.
//!
//! Flat arrays, and whatever goes into one mean stands beside each other in them: the least work
//! that could give the same grades. There are no names, units, formulas or dates.

/// Terms of one partial sum. The mean of the cycle is a sum of sums of sums, so that an edit adds
/// up three short blocks again, and gives the same bits as adding up everything would.
const BLOCK: usize = 64;

/// Key results in an objective, objectives in a team, teams below a top one: as in the yardstick.
const KRS: usize = 4;
const OBJECTIVES: usize = 20;
const CHILDREN: usize = 24;

/// A plan, and the grades that were computed last.
pub struct Plan {
    baseline: Vec<f64>,
    target: Vec<f64>,
    actual: Vec<f64>,
    weight: Vec<f64>,
    grade: Vec<f64>,
    objectives: Vec<f64>,
    teams: Vec<f64>,
    /// The top teams are the first `tops` of `teams`; behind them stand the children of the first
    /// one, [`CHILDREN`] of them, then those of the second, and so on.
    tops: usize,
    /// Partial sums of the objectives' grades: of blocks, of blocks of blocks, and so on to one.
    sums: Vec<Vec<f64>>,
}

impl Plan {
    /// A plan of `krs` key results, a multiple of those of an objective, with all grades still 0.
    pub fn new(krs: usize) -> Self {
        let objectives = krs / KRS;
        let teams = objectives.div_ceil(OBJECTIVES);
        let mut sums = vec![vec![0.0; objectives.div_ceil(BLOCK)]];
        while let Some(last) = sums.last().filter(|last| last.len() > 1) {
            sums.push(vec![0.0; last.len().div_ceil(BLOCK)]);
        }
        Self {
            baseline: column(krs, |kr| 500.0 + (kr * 7 % 900) as f64),
            target: column(krs, |kr| 100.0 + (kr * 11 % 390) as f64),
            actual: column(krs, |kr| 80.0 + (kr * 13 % 1000) as f64),
            weight: column(krs, |kr| [1.0, 2.0, 0.5][kr % 3]),
            grade: vec![0.0; krs],
            objectives: vec![0.0; objectives],
            teams: vec![0.0; teams],
            tops: teams.div_ceil(CHILDREN + 1),
            sums,
        }
    }

    /// Grades everything; the answer is the grade of the cycle.
    pub fn regrade(&mut self) -> f64 {
        let targets = self.baseline.iter().zip(&self.target);
        for ((&baseline, &target), (actual, grade)) in
            targets.zip(self.actual.iter().zip(&mut self.grade))
        {
            *grade = linear(baseline, target, *actual);
        }
        let krs = self.grade.chunks_exact(KRS).zip(self.weight.chunks_exact(KRS));
        for (objective, (grades, weights)) in self.objectives.iter_mut().zip(krs) {
            *objective = weighted_mean(grades, weights);
        }
        // From the last to the first: the parents come after their children.
        for team in (0..self.teams.len()).rev() {
            self.grade_team(team);
        }
        for block in 0..self.sums[0].len() {
            self.sum_objectives(block);
        }
        for level in 1..self.sums.len() {
            for block in 0..self.sums[level].len() {
                self.sum_sums(level, block);
            }
        }
        self.cycle()
    }

    /// Changes one actual and grades what it reaches; the answer is the grade of the cycle.
    pub fn edit(&mut self, kr: usize, actual: f64) -> f64 {
        self.actual[kr] = actual;
        self.grade[kr] = linear(self.baseline[kr], self.target[kr], actual);
        let objective = kr / KRS;
        let krs = objective * KRS..(objective + 1) * KRS;
        self.objectives[objective] = weighted_mean(&self.grade[krs.clone()], &self.weight[krs]);
        let team = objective / OBJECTIVES;
        self.grade_team(team);
        if team >= self.tops {
            self.grade_team((team - self.tops) / CHILDREN);
        }
        let mut block = objective / BLOCK;
        self.sum_objectives(block);
        for level in 1..self.sums.len() {
            block /= BLOCK;
            self.sum_sums(level, block);
        }
        self.cycle()
    }

    /// The mean of its objectives and of the teams below it.
    fn grade_team(&mut self, team: usize) {
        let own = self.objectives[team * OBJECTIVES..].iter().take(OBJECTIVES);
        let mut count = own.len();
        let mut sum: f64 = own.sum();
        if team < self.tops {
            let below = self.teams[self.tops + team * CHILDREN..].iter().take(CHILDREN);
            count += below.len();
            sum += below.sum::<f64>();
        }
        self.teams[team] = sum / count as f64;
    }

    fn sum_objectives(&mut self, block: usize) {
        self.sums[0][block] = block_sum(&self.objectives, block);
    }

    fn sum_sums(&mut self, level: usize, block: usize) {
        self.sums[level][block] = block_sum(&self.sums[level - 1], block);
    }

    fn cycle(&self) -> f64 {
        self.sums.last().map_or(0.0, |last| last[0] / self.objectives.len() as f64)
    }
}

fn column(rows: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..rows).map(value).collect()
}

fn block_sum(terms: &[f64], block: usize) -> f64 {
    terms[block * BLOCK..].iter().take(BLOCK).sum()
}

/// The part of the way that is done, within 0 and 1.
fn linear(baseline: f64, target: f64, actual: f64) -> f64 {
    ((actual - baseline) / (target - baseline)).clamp(0.0, 1.0)
}

fn weighted_mean(grades: &[f64], weights: &[f64]) -> f64 {
    let add = |(sum, all), (grade, weight): (&f64, &f64)| (sum + grade * weight, all + weight);
    let (sum, all) = grades.iter().zip(weights).fold((0.0, 0.0), add);
    sum / all
}
