//! Charts, level and episode pictures, and the one-file HTML report.
