"""PyTorch in and out: a stack of Linear layers with its loss and optimizer as a network, and back.

``doors`` has the public functions and imports PyTorch only when one of them is called. ``reading`` puts a
network together: ``following`` lists what a model's forward pass does, ``layers`` makes layers of it,
``losses`` and ``optimizers`` translate the rest, ``capturing`` looks into a larger model. ``writing`` is the
way back. ``recorder`` listens to a training, ``recordings`` reads what each rank wrote, ``joining`` puts it
together.
"""
