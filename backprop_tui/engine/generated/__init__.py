r"""The same equations as quick code: straight lines of single numbers, or NumPy in place.

How a rule of the tables becomes code, on one example. A rule is a function of arrays. Called with a stand-in
for an array it returns an expression instead of numbers (room ``tracing``):

>>> from backprop_tui.engine.generated.tracing.expressions import Graph
>>> from backprop_tui.engine.generated.tracing.single_numbers import Numbers
>>> from backprop_tui.network.rules.activations import ACTIVATIONS
>>> graph = Graph()
>>> z = Numbers(graph, [graph.name("z_h")])
>>> (a,) = ACTIVATIONS["sigmoid"].value(z).nodes
>>> a.op, [argument.op for argument in a.args]
('divide', ['constant', 'add'])

An expression that is given to a variable is an assignment, and assignments are written as lines
(``line_writer``):

>>> from backprop_tui.engine.generated.line_writer import Writer
>>> from backprop_tui.engine.generated.safe_names import Identifiers
>>> (lines,) = Writer(graph, Identifiers(frozenset()), invariant=()).lines([("a_h", a)])
>>> lines
['a_h = 1.0 / (1.0 + exp(-z_h))']

``scalar_text`` does so with the equations of a whole iteration, which it runs as the reference engine does,
and gives each quantity the name that it has on screen:

>>> import backprop_tui
>>> from backprop_tui.engine.generated.scalar_text import scalar_text
>>> text = scalar_text(backprop_tui.load())
>>> print(*text.forward[:2], "...", *text.backward[:3], "...", *text.update[:1], sep="\n")
z_h = w1 * x + b1
a_h = 1.0 / (1.0 + exp(-z_h))
...
dL_da_o = -t1
da_o_dz_o = a_o * (1.0 - a_o)
dL_dz_o = dL_da_o * da_o_dz_o
...
w2 = w2 - learning_rate * dL_dw2

``scalar_engine`` compiles that text once and runs it; ``array_text``, ``array_writer`` and ``array_engine``
do the same for larger networks, with a stand-in for a whole array in the place of single numbers.
``quicker_engine`` says which of the two a network gets. A rule that cannot be followed so (it branches on a
value, or calls a function that is not known here) is run as it is, on arrays, with a warning.
"""
