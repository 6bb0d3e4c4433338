"""TEACH: lessons that lie beside the debugger, page by page, and questions about what comes next."""
