"""The debugger in a browser: a server that starts a process of its own for each visitor (extra ``web``).

The page's terminal and its protocol are textual-serve's; no other room loads it, or aiohttp.
"""
