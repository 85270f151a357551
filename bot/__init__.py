"""The program: command line, composition root, and the WeChat edge. May import every other package."""
