"""WHAT IT MEANS: gradient flow, health of units, the loss along parameters, predictions over inputs."""
