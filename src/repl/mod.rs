//! The plan at a prompt: rustyline, and the same lines from a pipe (`interface.md`, "The REPL").
