"""HOW it is computed: ``equations`` is backpropagation on one page, ``reference`` runs it on arrays.

``training`` does one iteration after another, by the code that ``generated`` makes of the same equations.
"""
