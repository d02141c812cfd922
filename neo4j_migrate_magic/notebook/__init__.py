"""The notebook side: magics over the same command tree and the same core."""
