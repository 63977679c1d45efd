//! The nearest name to a misspelt one.

/// The candidate nearest to `word`, if one is near enough to be what was meant: at most one change
/// in three characters, a swap of neighbours counting as one.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count().max(3)) / 3;
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate, limit), candidate))
        .filter(|&(changes, _)| changes <= limit)
        .min_by_key(|&(changes, candidate)| (changes, candidate.len().abs_diff(word.len())))
        .map(|(_, candidate)| candidate)
}

/// The number of insertions, deletions, changes and swaps between two words; more than `limit` is
/// not told apart.
fn distance(left: &str, right: &str, limit: usize) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).take(65).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).take(65).collect();
    if left.len().abs_diff(right.len()) > limit {
        return limit + 1;
    }
    let mut older: Vec<usize> = vec![0; right.len() + 1];
    let mut old: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut new = vec![i; right.len() + 1];
        for j in 1..=right.len() {
            let changed = usize::from(left[i - 1] != right[j - 1]);
            new[j] = (old[j] + 1).min(new[j - 1] + 1).min(old[j - 1] + changed);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                new[j] = new[j].min(older[j - 2] + 1);
            }
        }
        older = std::mem::replace(&mut old, new);
    }
    old[right.len()]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_but_not_strangers() {
        let words = ["baseline", "target", "actual", "weight"];
        assert_eq!(nearest("basline", words), Some("baseline"));
        assert_eq!(nearest("tagret", words), Some("target"));
        assert_eq!(nearest("color", words), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn lists_read_well() {
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
