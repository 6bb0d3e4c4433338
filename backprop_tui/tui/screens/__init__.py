"""The screens: the debugger's own, those that lie over it, and what they are made of in Textual."""
