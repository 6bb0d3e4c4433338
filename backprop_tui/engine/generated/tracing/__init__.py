"""From a rule to an expression: called with stand-ins for arrays, a rule says what it would compute."""
