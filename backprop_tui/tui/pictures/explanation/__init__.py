"""The explanation of a statement, in the pane of the chain rule: equation or chain, result, sentence."""
