"""PyTorch in and out: a stack of Linear layers with its loss and optimizer as a network, and back.

``doors`` has the public functions and imports PyTorch only when one of them is called. Room ``models`` makes
a network of a model and a model of a network, ``recording`` listens to a training, and ``opening`` makes a
network of what it wrote.
"""
