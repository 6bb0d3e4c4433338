"""The debugger in lines: what is typed is obeyed, and what that changed is printed.

For screen readers, for terminals that cannot place a cursor, and for scripts. It is the same desk with the
same commands; only the terminal is another (``terminal.py``), and in the place of pictures there are words.
"""
