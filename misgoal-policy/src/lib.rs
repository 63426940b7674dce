//! Networks for inference, their weight files, scripted reference agents.
