"""The numbers that the program is built to reach, measured beside references in the same run.

``python -m tests.benchmarks`` measures all sections and prints tables; ``--help`` tells the rest.
"""
