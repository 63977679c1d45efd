//! The handbook's judgement as named rules, one file a rule (`coach.md`).
