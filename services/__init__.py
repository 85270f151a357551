"""What the organisations do, one module a noun. Imports storage; knows no HTTP and no WeChat."""
