"""The staff's desk: what waits, what was done, and files between two clicks."""
