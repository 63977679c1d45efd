//! The nearest name to a misspelt one.

/// The candidate nearest to `word`, if one is near enough to be what was meant: at most one change
/// in three characters, a swap of neighbours counting as one. The word itself is no proposal.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut measure = Measure::new(word);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| Some((measure.changes(candidate)?, candidate)))
        .min_by_key(|&(changes, candidate)| (changes, candidate.len().abs_diff(word.len())))
        .map(|(_, candidate)| candidate)
}

/// Counts insertions, deletions, changes and swaps between one word and others; its rows are used
/// again, because a wrong name may be compared with every name of a large plan.
struct Measure {
    word: Vec<char>,
    limit: usize,
    other: Vec<char>,
    rows: [Vec<usize>; 3],
}

impl Measure {
    /// The most characters that are compared.
    const LONGEST: usize = 64;

    fn new(word: &str) -> Self {
        let word: Vec<char> =
            word.chars().flat_map(char::to_lowercase).take(Self::LONGEST).collect();
        let limit = word.len().max(3) / 3;
        Self { word, limit, other: Vec::new(), rows: Default::default() }
    }

    /// The number of changes to another word, if it is within the limit.
    fn changes(&mut self, other: &str) -> Option<usize> {
        // Every character that lies beyond the limit costs at least one change and one byte.
        if other.len() + self.limit < self.word.len()
            || other.len() > 4 * (self.word.len() + self.limit)
        {
            return None;
        }
        self.other.clear();
        self.other.extend(other.chars().flat_map(char::to_lowercase).take(Self::LONGEST));
        if self.other.len().abs_diff(self.word.len()) > self.limit {
            return None;
        }
        let [older, old, new] = &mut self.rows;
        old.clear();
        old.extend(0..=self.other.len());
        for (i, left) in self.word.iter().enumerate() {
            new.clear();
            new.push(i + 1);
            for (j, right) in self.other.iter().enumerate() {
                let mut least =
                    (old[j] + usize::from(left != right)).min(new[j] + 1).min(old[j + 1] + 1);
                let swapped =
                    i > 0 && j > 0 && *left == self.other[j - 1] && self.word[i - 1] == *right;
                if swapped {
                    least = least.min(older[j - 1] + 1);
                }
                new.push(least);
            }
            if new.iter().min().is_some_and(|least| *least > self.limit) {
                return None;
            }
            std::mem::swap(older, old);
            std::mem::swap(old, new);
        }
        old.last().copied().filter(|changes| *changes <= self.limit)
    }
}

/// `a`, `b` or `c`: a closed list of words for a message.
pub fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// `a → b → a`: a ring of names, the middle of a long one left out.
pub fn ring(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let first = names.first().cloned().unwrap_or_default();
    let joined = |names: &[String]| names.join(" → ");
    if names.len() <= 2 * SHOWN {
        return format!("{} → {first}", joined(names));
    }
    let (head, tail) = (&names[..SHOWN], &names[names.len() - SHOWN..]);
    let left_out = names.len() - 2 * SHOWN;
    format!("{} → ({left_out} more) → {} → {first}", joined(head), joined(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_but_not_strangers() {
        let words = ["baseline", "target", "actual", "weight"];
        assert_eq!(nearest("basline", words), Some("baseline"));
        assert_eq!(nearest("tagret", words), Some("target"));
        assert_eq!(nearest("Weight", words), Some("weight"));
        assert_eq!(nearest("color", words), None);
        assert_eq!(nearest("target", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("ms", ["s", "mss", "sm", "hours"]), Some("sm"));
    }

    #[test]
    fn lists_read_well() {
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }

    #[test]
    fn long_rings_are_cut() {
        let names: Vec<String> = (0..100).map(|it| it.to_string()).collect();
        assert_eq!(ring(&names[..2]), "0 → 1 → 0");
        assert!(ring(&names).contains("9 → (80 more) → 90"));
    }
}
