//! The study file: TOML with spans, validated types, JSON Schema, diagnostics.
