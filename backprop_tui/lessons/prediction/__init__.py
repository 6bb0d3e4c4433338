"""Predict: what a step will compute is asked first, judged to two digits, and a wrong answer diagnosed."""
