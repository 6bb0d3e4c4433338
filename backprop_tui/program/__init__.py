"""WHAT IS SAID of it: statements by arithmetic, names, formulas, chains, explanations."""
