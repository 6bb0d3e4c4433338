"""What the reference debugger steps through: the worked example as a person writes it, without end."""

import math

x, y = 0.5, 1.0
w1, b1, w2, b2 = 0.3, 0.1, 0.7, 0.2
learning_rate = 0.5
while True:
    z_h = w1 * x + b1
    a_h = 1 / (1 + math.exp(-z_h))
    z_o = w2 * a_h + b2
    a_o = 1 / (1 + math.exp(-z_o))
    loss = 0.5 * (y - a_o) ** 2
    dL_da_o = -(y - a_o)
    da_o_dz_o = a_o * (1 - a_o)
    dL_dz_o = dL_da_o * da_o_dz_o
    dL_dw2 = dL_dz_o * a_h
    dL_db2 = dL_dz_o
    dL_da_h = dL_dz_o * w2
    da_h_dz_h = a_h * (1 - a_h)
    dL_dz_h = dL_da_h * da_h_dz_h
    dL_dw1 = dL_dz_h * x
    dL_db1 = dL_dz_h
    w2 -= learning_rate * dL_dw2
    b2 -= learning_rate * dL_db2
    w1 -= learning_rate * dL_dw1
    b1 -= learning_rate * dL_db1
