"""What nothing may break: any keys, any bytes, kills at any moment, many sessions in one process.

The tests here are short; ``python -m tests.robustness`` runs the same for as long as one likes.
"""
