"""The worked example, epoch by epoch, as a textbook computes it."""

from math import exp

START = {"w1": 0.3, "b1": 0.1, "w2": 0.7, "b2": 0.2}


def trained(parameters, rate=0.5, x=0.5, y=1.0):
    """One epoch of the worked example by the textbook: what each symbol is; new parameters with a prime."""
    w1, b1, w2, b2 = (parameters[name] for name in START)
    a_h = 1 / (1 + exp(-(w1 * x + b1)))
    a_o = 1 / (1 + exp(-(w2 * a_h + b2)))
    delta_o = (a_o - y) * a_o * (1 - a_o)
    delta_h = delta_o * w2 * a_h * (1 - a_h)
    gradients = {"w1": delta_h * x, "b1": delta_h, "w2": delta_o * a_h, "b2": delta_o}
    return {
        "loss": (a_o - y) ** 2 / 2,
        "gradients": gradients,
        "new": {name: parameters[name] - rate * gradients[name] for name in START},
    }


def losses(count):
    parameters, found = START, []
    for _ in range(count):
        epoch = trained(parameters)
        found.append(epoch["loss"])
        parameters = epoch["new"]
    return found
