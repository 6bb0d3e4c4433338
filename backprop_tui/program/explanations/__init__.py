"""The explanation of any statement: its formula with names and with numbers, its terms, and what it means."""
