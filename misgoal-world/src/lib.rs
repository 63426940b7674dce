//! Levels, states, steps, events, goals, observations, generators, the oracle and the ASCII codec. No I/O.
