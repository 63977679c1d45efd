use super::Rule;
use super::review::Review;

pub(super) const RULE: Rule = Rule {
    id: "allow-unused",
    says: "an `allow` that silences nothing",
    evidence: "names",
    principle: None,
    mend: "take the line out",
    one: "an `allow` silences nothing",
    many: "`allow` lines silence nothing",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    let idle: Vec<_> = review.idle_allows().iter().map(|allow| (allow.at, allow.place)).collect();
    for (at, place) in idle {
        let rule = review.plan.source(place);
        if rule == RULE.id {
            continue;
        }
        let path = at.path(review.plan);
        let message = format!("`allow {rule}` in `{path}` silences nothing");
        review.give(at, place, message, RULE.mend);
    }
}
