"""The mathematics of the explorers, one subject a file: arrays in, arrays and frozen results out."""
