//! E-processes, bootstrap, intervals, mixtures and calibration checks. No I/O.
