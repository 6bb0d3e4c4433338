"""From a rule to an expression: the rules are called with stand-ins for arrays, and say what they would do."""
