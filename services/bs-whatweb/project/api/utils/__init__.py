"""Log lines: what a service copies from here. Nothing in this folder imports the rest of the project."""
