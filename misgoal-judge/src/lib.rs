//! Lint, likelihoods, estimators and the decision table.
