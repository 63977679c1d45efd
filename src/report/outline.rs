//! The order in which objectives are shown: by cycle, the one in force first, and within it down
//! the tree of teams.

use super::data::{CycleRow, ObjectiveRow, Scorecard, TeamRow};
use rustc_hash::FxHashMap;

/// How many teams above an owner get a heading.
const ANCESTORS: usize = 8;

/// A heading or an objective below it.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// A cycle that is not in force; its teams and objectives follow.
    Cycle(&'a CycleRow),
    /// A team, how deep it stands in the tree, and whether the cycle is the one in force: a team's
    /// mean is about that one only.
    Team(&'a TeamRow, usize, bool),
    /// Objectives follow that no team owns, after some that a team owns.
    NoOwner,
    /// An objective, as deep as the heading above it.
    Objective(&'a ObjectiveRow, usize),
}

/// Headings and objectives in reading order.
pub fn entries(card: &Scorecard) -> Vec<Entry<'_>> {
    let tree = Tree::new(&card.teams);
    let cycles = cycle_ranks(card);
    let rank = |objective: &ObjectiveRow| {
        objective.cycle.as_ref().and_then(|id| cycles.get(id.as_str())).copied().unwrap_or(0)
    };
    let mut order: Vec<(usize, usize, &ObjectiveRow)> = card
        .objectives
        .iter()
        .map(|objective| (rank(objective), tree.position_of(objective), objective))
        .collect();
    order.sort_by_key(|&(rank, position, _)| (rank, position));
    Listing { card, tree, entries: Vec::with_capacity(order.len() * 2) }.list(&order)
}

/// The teams from parent to child, each with its depth.
pub fn teams(card: &Scorecard) -> Vec<(&TeamRow, usize)> {
    let tree = Tree::new(&card.teams);
    tree.order.iter().map(|&team| (&card.teams[team], tree.depths[team])).collect()
}

/// 0 for the cycle in force, its place + 1 for every other.
fn cycle_ranks(card: &Scorecard) -> FxHashMap<&str, usize> {
    let rank = |(index, cycle): (usize, &CycleRow)| {
        if Some(&cycle.id) == card.cycle.as_ref() { 0 } else { index + 1 }
    };
    card.cycles.iter().enumerate().map(|row| (row.1.id.as_str(), rank(row))).collect()
}

/// The teams as a tree, with each team's place in the order of reading.
struct Tree<'a> {
    by_id: FxHashMap<&'a str, usize>,
    parents: Vec<Option<usize>>,
    order: Vec<usize>,
    positions: Vec<usize>,
    depths: Vec<usize>,
}

impl<'a> Tree<'a> {
    fn new(teams: &'a [TeamRow]) -> Self {
        let by_id: FxHashMap<&str, usize> =
            teams.iter().enumerate().map(|(index, team)| (team.id.as_str(), index)).collect();
        let parent = |team: &TeamRow| by_id.get(team.parent.as_deref()?).copied();
        let parents: Vec<Option<usize>> = teams.iter().map(parent).collect();
        let (order, depths) = walk(&parents);
        let mut positions = vec![0; teams.len()];
        for (position, &team) in order.iter().enumerate() {
            positions[team] = position;
        }
        Self { by_id, parents, order, positions, depths }
    }

    /// Where an objective's owner stands in the order of reading; behind all if there is none.
    fn position_of(&self, objective: &ObjectiveRow) -> usize {
        let owner = objective.owner.as_ref().and_then(|id| self.by_id.get(id.as_str()));
        owner.map_or(self.order.len(), |&team| self.positions[team])
    }

    /// A team and those above it, the highest last, as far as headings go.
    fn chain(&self, team: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(team), |&team| self.parents[team]).take(ANCESTORS + 1)
    }
}

/// All teams, parents before children, and their depths. Teams that are their own ancestors come
/// last.
fn walk(parents: &[Option<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut children = vec![Vec::new(); parents.len()];
    for (team, parent) in parents.iter().enumerate().rev() {
        if let Some(parent) = *parent {
            children[parent].push(team);
        }
    }
    let mut order = Vec::with_capacity(parents.len());
    let mut depths = vec![usize::MAX; parents.len()];
    let roots = (0..parents.len()).filter(|&team| parents[team].is_none());
    for start in roots.chain(0..parents.len()) {
        let mut open = vec![(start, 0)];
        while let Some((team, depth)) = open.pop() {
            if depths[team] == usize::MAX {
                depths[team] = depth;
                order.push(team);
                open.extend(children[team].iter().map(|&child| (child, depth + 1)));
            }
        }
    }
    (order, depths)
}

/// The entries in the making.
struct Listing<'a> {
    card: &'a Scorecard,
    tree: Tree<'a>,
    entries: Vec<Entry<'a>>,
}

impl<'a> Listing<'a> {
    fn list(mut self, order: &[(usize, usize, &'a ObjectiveRow)]) -> Vec<Entry<'a>> {
        let mut headed = vec![None; self.card.teams.len()];
        let mut above = (0, None);
        for &(rank, position, objective) in order {
            if rank != above.0 {
                self.entries.push(Entry::Cycle(&self.card.cycles[rank - 1]));
            }
            let team = self.tree.order.get(position).copied();
            if (rank, Some(position)) != above {
                self.head(team, rank, &mut headed);
            }
            above = (rank, Some(position));
            let depth = team.map_or(0, |team| self.tree.depths[team]);
            self.entries.push(Entry::Objective(objective, depth));
        }
        self.entries
    }

    /// Adds the headings of a team and of those above it that have none yet in this cycle.
    fn head(&mut self, team: Option<usize>, rank: usize, headed: &mut [Option<usize>]) {
        let Some(team) = team else {
            if matches!(self.entries.last(), Some(Entry::Objective(..))) {
                self.entries.push(Entry::NoOwner);
            }
            return;
        };
        let new = |team: &usize| headed[*team] != Some(rank);
        let chain: Vec<usize> = self.tree.chain(team).take_while(new).collect();
        for &team in chain.iter().rev() {
            headed[team] = Some(rank);
            let depth = self.tree.depths[team];
            self.entries.push(Entry::Team(&self.card.teams[team], depth, rank == 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn listed(card: &Scorecard) -> Vec<String> {
        let show = |entry: &Entry| match entry {
            Entry::Cycle(cycle) => format!("cycle {}", cycle.id),
            Entry::Team(team, depth, _) => format!("{}{}", "  ".repeat(*depth), team.id),
            Entry::NoOwner => "no owner".into(),
            Entry::Objective(objective, depth) => {
                format!("{}- {}", "  ".repeat(*depth), objective.id)
            }
        };
        entries(card).iter().map(show).collect()
    }

    #[test]
    fn objectives_stand_below_their_teams_and_cycles() {
        let all = listed(&fixture::scorecard()).join("\n");
        insta::assert_snapshot!(all, @"
        digital
          backbone
          - scale
          tickets
          - buying
          - tariff
          lab
          - ondemand
        no owner
        - ideas
        cycle q2
        digital
          tickets
          - stations
        ");
    }

    #[test]
    fn without_owners_there_are_no_headings() {
        let mut card = fixture::scorecard();
        card.teams.clear();
        assert!(listed(&card).iter().all(|entry| !entry.contains("owner")));
    }

    #[test]
    fn rings_and_deep_chains_of_teams_end() {
        assert_eq!(walk(&[Some(1), Some(0), None]).0, [2, 0, 1]);
        let deep: Vec<Option<usize>> = (0..100_000usize).map(|team| team.checked_sub(1)).collect();
        assert_eq!(walk(&deep).0.len(), 100_000);
    }
}
