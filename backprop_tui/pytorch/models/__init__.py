"""A model in and out: its forward pass followed, its parts translated both ways, then held against it.

``following`` lists what a forward pass does, ``layers`` makes layers of it, ``losses`` and ``optimizers``
translate the rest, ``capturing`` looks into a larger model. ``reading`` puts a network together, ``writing``
is the way back.
"""
